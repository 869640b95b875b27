"""What a SAML document may look like before anything resolves, transforms or canonicalises it.

The XML signature library follows whatever transforms a document names, before the signature is known to be
good. So only the one plain shape that every provider sends gets through: one response, one assertion,
signatures on those two only, each over its own parent, with the two usual transforms.
"""

from __future__ import annotations

import re

from lxml import etree

from portal.tenancy.federation.identity import AnswerRefused

LONGEST = 256 * 1024
DEEPEST, MOST_ELEMENTS = 40, 5000
SAML, PROTOCOL = "urn:oasis:names:tc:SAML:2.0:assertion", "urn:oasis:names:tc:SAML:2.0:protocol"
DS, METADATA = "http://www.w3.org/2000/09/xmldsig#", "urn:oasis:names:tc:SAML:2.0:metadata"
EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"
MORE = "http://www.w3.org/2001/04/xmldsig-more#"
ENC = "http://www.w3.org/2001/04/xmlenc#"
SIGNATURES = {f"{MORE}{name}" for name in ("rsa-sha256", "rsa-sha384", "rsa-sha512")} | {
    f"{MORE}{name}" for name in ("ecdsa-sha256", "ecdsa-sha384", "ecdsa-sha512")
}
DIGESTS = {f"{ENC}sha256", f"{MORE}sha384", f"{ENC}sha512"}
TRANSFORMS = [[f"{DS}enveloped-signature", EXCLUSIVE]]
SIGNATURE_CHILDREN = {f"{{{DS}}}{name}" for name in ("SignedInfo", "SignatureValue", "KeyInfo")}
_is_id = re.compile(r"[A-Za-z_][A-Za-z0-9._-]{0,255}\Z").match
_declared = re.compile(rb"""\A<\?xml[^>]*encoding\s*=\s*["']([^"']*)["']""")


def parse(text: bytes) -> etree._Element:
    """A document without DTD, entities, comments or instructions, in UTF-8. Raises AnswerRefused."""
    if len(text) > LONGEST:
        raise AnswerRefused("the document is too large")
    declared = _declared.match(text)
    if b"\0" in text or (declared and declared[1].upper() not in (b"UTF-8", b"US-ASCII", b"ASCII")):
        raise AnswerRefused("the document is not UTF-8")
    if b"<!DOCTYPE" in text or b"<!ENTITY" in text:
        raise AnswerRefused("the document has a DTD")
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, encoding="utf-8"
    )
    try:
        root = etree.fromstring(text, parser)
    except (etree.XMLSyntaxError, ValueError):
        raise AnswerRefused("the document is not XML") from None
    if root.getroottree().docinfo.doctype:
        raise AnswerRefused("the document has a DTD")
    if root.getprevious() is not None or root.getnext() is not None:
        raise AnswerRefused("the document has comments or instructions")
    _check_nodes(root)
    return root


def _check_nodes(root: etree._Element) -> None:
    """Elements only, not too many, not too deep, in namespaces that are real addresses."""
    count = depth = 0
    for event, node in etree.iterwalk(root, events=("start", "end", "comment", "pi")):
        if event == "end":
            depth -= 1
            continue
        if event != "start":
            raise AnswerRefused("the document has comments or instructions")
        count, depth = count + 1, depth + 1
        if count > MOST_ELEMENTS or depth > DEEPEST:
            raise AnswerRefused("the document is too deep or has too many parts")
        # A relative namespace makes canonicalisation fail, and an empty text would be what was signed.
        if any(":" not in uri for uri in node.nsmap.values()):
            raise AnswerRefused("the document has a namespace that is no address")


def check_response(root: etree._Element) -> etree._Element:
    """The one assertion of a response in the expected shape. Raises AnswerRefused."""
    if root.tag != f"{{{PROTOCOL}}}Response":
        raise AnswerRefused("the document is not a response")
    assertions = [node for node in root.iter() if etree.QName(node).localname.endswith("Assertion")]
    if len(assertions) != 1 or assertions[0].tag != f"{{{SAML}}}Assertion":
        raise AnswerRefused("the response does not hold exactly one readable assertion")
    assertion = assertions[0]
    if assertion.getparent() is not root:
        raise AnswerRefused("the assertion is not in its place")
    _check_ids(root)
    signatures = [node for node in root.iter() if etree.QName(node).localname == "Signature"]
    for signature in signatures:
        if signature.getparent() not in (root, assertion):
            raise AnswerRefused("there is a signature where none belongs")
        _check_signature(signature)
    owners = [signature.getparent() for signature in signatures]
    if owners.count(assertion) != 1 or owners.count(root) > 1:
        raise AnswerRefused("the assertion is not signed once")
    return assertion


def _check_ids(root: etree._Element) -> None:
    """Each ID once, and no other attribute that some parser could take for one."""
    seen = set()
    for node in root.iter():
        for name, value in node.attrib.items():
            plain = etree.QName(name)
            if plain.localname.lower() != "id":
                continue
            if plain.namespace or not _is_id(value) or value in seen:
                raise AnswerRefused("the document has strange or repeated IDs")
            seen.add(value)


def _check_signature(signature: etree._Element) -> None:
    if signature.tag != f"{{{DS}}}Signature" or any(
        child.tag not in SIGNATURE_CHILDREN for child in signature
    ):
        raise AnswerRefused("the signature has parts that are not expected")
    info = _only(signature, "SignedInfo")
    reference = _only(info, "Reference")
    if [etree.QName(child).localname for child in info] != [
        "CanonicalizationMethod",
        "SignatureMethod",
        "Reference",
    ]:
        raise AnswerRefused("the signature has parts that are not expected")
    if reference.get("URI") != f"#{signature.getparent().get('ID')}":
        raise AnswerRefused("the signature is over something else")
    for node, allowed in (
        (_only(info, "CanonicalizationMethod"), {EXCLUSIVE}),
        (_only(info, "SignatureMethod"), SIGNATURES),
        (_only(reference, "DigestMethod"), DIGESTS),
    ):
        if node.get("Algorithm") not in allowed or len(node):
            raise AnswerRefused("the signature uses a method that is not allowed")
    _check_transforms(reference)
    _check_key_info(signature)


def _check_transforms(reference: etree._Element) -> None:
    transforms = list(_only(reference, "Transforms"))
    if [node.get("Algorithm") for node in transforms] not in TRANSFORMS:
        raise AnswerRefused("the signature has a transform that is not allowed")
    for node in transforms:
        for child in node:
            if child.tag != f"{{{EXCLUSIVE}}}InclusiveNamespaces" or len(child):
                raise AnswerRefused("the signature has a transform that is not allowed")


def _check_key_info(signature: etree._Element) -> None:
    """Certificates inside are never believed; anything that makes a library look elsewhere is refused."""
    for info in signature.findall(f"{{{DS}}}KeyInfo"):
        for node in info.iterdescendants():
            if node.tag not in {f"{{{DS}}}{name}" for name in KEY_INFO}:
                raise AnswerRefused("the signature points to a key elsewhere")


KEY_INFO = (
    "KeyName KeyValue RSAKeyValue Modulus Exponent X509Data X509Certificate X509SubjectName X509IssuerSerial "
    "X509IssuerName X509SerialNumber X509SKI"
).split()


def _only(parent: etree._Element, name: str) -> etree._Element:
    found = parent.findall(f"{{{DS}}}{name}")
    if len(found) != 1:
        raise AnswerRefused(f"the signature has {len(found)} × {name}")
    return found[0]
