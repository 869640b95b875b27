"""SOAP 1.1 envelopes, read without document types, entities or the network.

Faults that the caller can mend come with status 400 instead of 500, which the portal keeps for its own.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from lxml import etree

from catalog.sandbox import Reply

SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
WFM = "urn:genesys-wfm:sandbox"
XSD = "http://www.w3.org/2001/XMLSchema"
FOLDER = Path(__file__).parent
INSTEAD = {"LocateServerLogin": "LocateServer", "OpenSessionLogin": "OpenSession"}
MOST_ELEMENTS = 100
LONGEST = 1_000  # characters of an argument

Element = dict[str, str]  # arguments by name


class SoapFault(Exception):
    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@cache
def types(wsdl: str) -> etree.XMLSchema:
    """The schema in a WSDL of this folder."""
    return etree.XMLSchema(etree.parse(FOLDER / wsdl).find(f".//{{{XSD}}}schema"))


def request(raw: bytes, expected: str, wsdl: str) -> Element:
    """The arguments of the operation in the envelope, as its WSDL describes them. Raises SoapFault."""
    root = _parsed(raw)
    body = root.find(f"{{{SOAP}}}Body")
    if root.tag != f"{{{SOAP}}}Envelope":
        code = "VersionMismatch" if str(root.tag).endswith("}Envelope") else "Client"
        raise SoapFault(code, "The body is not an envelope of SOAP 1.1.")
    if body is None or len(body) != 1:
        raise SoapFault("Client", "The envelope needs a Body with one operation.")
    name = etree.QName(body[0])
    if name.localname in INSTEAD:
        instead = INSTEAD[name.localname]
        message = f"{name.localname} is not supported. Call {instead} with a bearer token instead."
        raise SoapFault("Client.NotSupported", message)
    if (name.namespace, name.localname) != (WFM, expected):
        raise SoapFault("Client.UnknownOperation", f"This service has one operation: {expected} in {WFM}.")
    found = _arguments(body[0], root)
    _check(body[0], types(wsdl))
    return found


def _check(element: etree._Element, schema: etree.XMLSchema) -> None:
    if not schema.validate(element):
        words = str(schema.error_log.last_error.message).replace(f"{{{WFM}}}", "")[:300]
        raise SoapFault("Client.InvalidArgument", f"The WSDL says otherwise. {words}")


def _arguments(element: etree._Element, root: etree._Element) -> Element:
    for block in root.iterfind(f"{{{SOAP}}}Header/*"):
        if block.get(f"{{{SOAP}}}mustUnderstand") == "1":
            raise SoapFault("MustUnderstand", "No header block is understood here.")
    found = {etree.QName(child).localname: (child.text or "").strip() for child in element}
    if any(len(text) > LONGEST for text in found.values()):
        raise SoapFault("Client", f"An argument is longer than {LONGEST:,} characters.")
    return found


def _parsed(raw: bytes) -> etree._Element:
    parser = etree.XMLParser(
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(raw, parser)
    except (etree.XMLSyntaxError, ValueError):
        raise SoapFault("Client", "The body is not well-formed XML.") from None
    if root.getroottree().docinfo.internalDTD is not None:
        raise SoapFault("Client", "A document type is not taken.")
    if sum(1 for _ in root.iter()) > MOST_ELEMENTS:
        raise SoapFault("Client", f"The envelope has more than {MOST_ELEMENTS} elements.")
    return root


def answer(name: str, values: dict[str, str]) -> Reply:
    result = etree.Element(f"{{{WFM}}}{name}Response", nsmap={"wfm": WFM})
    for key, value in values.items():
        etree.SubElement(result, f"{{{WFM}}}{key}").text = value
    return _reply(result, 200)


def fault(found: SoapFault) -> Reply:
    element = etree.Element(f"{{{SOAP}}}Fault")
    etree.SubElement(element, "faultcode").text = f"soap:{found.code}"
    etree.SubElement(element, "faultstring").text = str(found)
    return _reply(element, 400)


def _reply(content: etree._Element, status: int) -> Reply:
    root = etree.Element(f"{{{SOAP}}}Envelope", nsmap={"soap": SOAP})
    etree.SubElement(root, f"{{{SOAP}}}Body").append(content)
    body = etree.tostring(root, xml_declaration=True, encoding="UTF-8")
    return Reply(status, body, [("Content-Type", "text/xml; charset=utf-8")])
