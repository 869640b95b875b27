"""SAML 2.0 web sign-in: our request, the checks on an answer, and both sides' metadata.

python3-saml verifies (strict, with the provider's configured certificate only); saml_guard decides before
it what a document may look like, and `_check_bindings` afterwards what that library leaves optional.
"""

from __future__ import annotations

import base64
import binascii
import re
import secrets
import zlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote, urlsplit
from xml.sax.saxutils import escape, quoteattr

from cryptography import x509
from lxml import etree
from onelogin.saml2.response import OneLogin_Saml2_Response
from onelogin.saml2.settings import OneLogin_Saml2_Settings

from portal.tenancy.federation.identity import AnswerRefused, FederationError, Identity, plain_address, short
from portal.tenancy.federation.saml_guard import DS, METADATA, PROTOCOL, SAML, check_response, parse

REDIRECT = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect"
POST = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"
TRANSIENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:transient"
EMAIL_FORMAT = "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress"
BEARER = "urn:oasis:names:tc:SAML:2.0:cm:bearer"
SKEW = timedelta(seconds=60)
NAMES = {"saml": SAML, "samlp": PROTOCOL, "ds": DS, "md": METADATA}
_claims = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims"
EMAIL = ("email", "mail", "emailaddress", f"{_claims}/emailaddress", "urn:oid:0.9.2342.19200300.100.1.3")
FIRST = ("firstname", "givenname", "first_name", f"{_claims}/givenname", "urn:oid:2.5.4.42")
LAST = ("lastname", "surname", "sn", "last_name", f"{_claims}/surname", "urn:oid:2.5.4.4")


@dataclass(frozen=True, slots=True)
class Settings:
    """The provider's side."""

    entity_id: str
    sso_url: str
    certificates: list[str]  # base64 DER, without armour


@dataclass(frozen=True, slots=True)
class Ourselves:
    """This portal, as one tenant's provider knows it."""

    entity_id: str  # the address of our metadata
    acs: str  # where answers are posted


class MetadataRefused(FederationError):
    """What an admin pasted cannot be used; the message says why."""


# ---------------------------------------------------------------- our side


def new_request_id() -> str:
    return f"_{secrets.token_hex(20)}"


def request_url(settings: Settings, ours: Ourselves, request_id: str) -> str:
    """Where the browser goes: the provider's address with our request (HTTP-Redirect binding)."""
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    text = (
        f'<samlp:AuthnRequest xmlns:samlp="{PROTOCOL}" xmlns:saml="{SAML}" ID="{request_id}" Version="2.0" '
        f'IssueInstant="{now}" Destination={quoteattr(settings.sso_url)} ProtocolBinding="{POST}" '
        f"AssertionConsumerServiceURL={quoteattr(ours.acs)}><saml:Issuer>{escape(ours.entity_id)}</saml:Issuer>"
        f"</samlp:AuthnRequest>"
    )
    deflated = zlib.compress(text.encode())[2:-4]
    glue = "&" if "?" in settings.sso_url else "?"
    return f"{settings.sso_url}{glue}SAMLRequest={quote(base64.b64encode(deflated), safe='')}"


def our_metadata(ours: Ourselves) -> str:
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<md:EntityDescriptor xmlns:md="{METADATA}" entityID={quoteattr(ours.entity_id)}>\n'
        f'  <md:SPSSODescriptor AuthnRequestsSigned="false" WantAssertionsSigned="true" '
        f'protocolSupportEnumeration="{PROTOCOL}">\n'
        f'    <md:AssertionConsumerService Binding="{POST}" Location={quoteattr(ours.acs)} index="0" '
        f'isDefault="true"/>\n  </md:SPSSODescriptor>\n</md:EntityDescriptor>\n'
    )


# ---------------------------------------------------------------- the provider's side


def read_metadata(text: str) -> Settings:
    """The one sign-in service of pasted metadata. Raises MetadataRefused."""
    try:
        root = parse(re.sub(r"<!--.*?-->", "", text.strip(), flags=re.DOTALL).encode())
    except AnswerRefused as error:
        raise MetadataRefused(f"This metadata cannot be read: {error.reason}.") from None
    found = [
        node
        for node in root.iter(f"{{{METADATA}}}EntityDescriptor")
        if node.find("md:IDPSSODescriptor", NAMES) is not None
    ]
    if len(found) != 1:
        raise MetadataRefused("The metadata must describe exactly one identity provider.")
    service = found[0].find("md:IDPSSODescriptor", NAMES)
    urls = [
        node.get("Location", "")
        for node in service.findall("md:SingleSignOnService", NAMES)
        if node.get("Binding") == REDIRECT
    ]
    if not urls:
        raise MetadataRefused("The metadata has no sign-in address with the HTTP-Redirect binding.")
    keys = [
        node.text or ""
        for key in service.findall("md:KeyDescriptor", NAMES)
        if key.get("use", "signing") == "signing"
        for node in key.iter(f"{{{DS}}}X509Certificate")
    ]
    return settings_of(found[0].get("entityID", ""), urls[0], keys)


def settings_of(entity_id: str, sso_url: str, certificates: list[str]) -> Settings:
    """Checked settings. Raises MetadataRefused."""
    entity_id, sso_url = entity_id.strip(), sso_url.strip()
    if not entity_id or len(entity_id) > 512 or not entity_id.isascii():
        raise MetadataRefused("The entity id is missing or too long.")
    if urlsplit(sso_url).scheme not in ("https", "http") or not urlsplit(sso_url).hostname:
        raise MetadataRefused("The sign-in address must begin with https://.")
    if not 0 < len(certificates) <= 10:
        raise MetadataRefused("At least one signing certificate is needed.")
    return Settings(entity_id, sso_url, [_certificate(text) for text in certificates])


def _certificate(text: str) -> str:
    body = re.sub(r"-----[A-Z ]+-----|\s", "", text)
    try:
        x509.load_der_x509_certificate(base64.b64decode(body, validate=True))
    except (ValueError, binascii.Error):
        raise MetadataRefused("A certificate cannot be read. Paste it whole, in PEM form.") from None
    return body


# ---------------------------------------------------------------- answers


@dataclass(frozen=True, slots=True)
class Proof:
    """A verified answer; whether this browser asked for it is the caller's question."""

    identity: Identity
    request_id: str
    assertion_id: str


def verified(answer: str, settings: Settings, ours: Ourselves) -> Proof:
    """Raises AnswerRefused for anything but a genuine, fresh answer to a request of ours."""
    text = _decoded(answer)
    assertion = check_response(parse(text))
    response = _verified_signature(text, settings, ours)
    return Proof(
        identity=_identity(assertion, settings),
        request_id=_check_bindings(assertion, ours),
        assertion_id=str(response.get_assertion_id()),
    )


def _decoded(answer: str) -> bytes:
    compact = "".join(answer.split())
    if len(compact) > 4 * 256 * 1024 // 3 + 4:
        raise AnswerRefused("the answer is too large")
    try:
        return base64.b64decode(compact, validate=True)
    except (ValueError, binascii.Error):
        raise AnswerRefused("the answer is not base64") from None


def _verified_signature(text: bytes, settings: Settings, ours: Ourselves) -> Any:
    place = urlsplit(ours.acs)
    request = {
        "https": "on" if place.scheme == "https" else "off",
        "http_host": place.netloc,
        "script_name": place.path,
    }
    try:
        response = OneLogin_Saml2_Response(_library_settings(settings, ours), base64.b64encode(text))
        root = response.document
        response.is_valid(request, request_id=root.get("InResponseTo"), raise_exceptions=True)
        response.get_nameid_data()
        response.get_attributes()
    except Exception as error:  # the library raises half a dozen unrelated kinds
        raise AnswerRefused(f"SAML: {type(error).__name__}: {str(error)[:200]}") from None
    return response


def _library_settings(settings: Settings, ours: Ourselves) -> OneLogin_Saml2_Settings:
    return OneLogin_Saml2_Settings(
        {
            "strict": True,
            "sp": {
                "entityId": ours.entity_id,
                "assertionConsumerService": {"url": ours.acs, "binding": POST},
            },
            "idp": {
                "entityId": settings.entity_id,
                "singleSignOnService": {"url": settings.sso_url, "binding": REDIRECT},
                "x509certMulti": {"signing": settings.certificates},
            },
            "security": {
                "wantAssertionsSigned": True,
                "rejectDeprecatedAlgorithm": True,
                "wantAttributeStatement": False,
                "requestedAuthnContext": False,
                "allowSingleLabelDomains": True,
                "allowRepeatAttributeName": False,
            },
        }
    )


def _check_bindings(assertion: etree._Element, ours: Ourselves) -> str:
    """The request that the signed part names. It must be for us, by its own word, and fresh."""
    now = datetime.now(UTC)
    audiences = [
        node.text
        for node in assertion.findall("saml:Conditions/saml:AudienceRestriction/saml:Audience", NAMES)
    ]
    if audiences != [ours.entity_id]:
        raise AnswerRefused("the assertion is for another audience")
    conditions = assertion.findall("saml:Conditions", NAMES)
    confirmations = assertion.findall("saml:Subject/saml:SubjectConfirmation", NAMES)
    if len(conditions) != 1 or len(confirmations) != 1 or confirmations[0].get("Method") != BEARER:
        raise AnswerRefused("the assertion is not confirmed exactly once")
    data = confirmations[0].findall("saml:SubjectConfirmationData", NAMES)
    if len(data) != 1 or data[0].get("Recipient") != ours.acs:
        raise AnswerRefused("the assertion is for another recipient")
    response = assertion.getparent()
    if response is None or response.get("Destination", ours.acs) != ours.acs:
        raise AnswerRefused("the response was sent elsewhere")
    for node in (data[0], conditions[0]):
        if node.get("NotOnOrAfter") is None or _moment(node.get("NotOnOrAfter")) + SKEW <= now:
            raise AnswerRefused("the assertion is out of date")
        if node.get("NotBefore") is not None and _moment(node.get("NotBefore")) - SKEW > now:
            raise AnswerRefused("the assertion is not valid yet")
    asked = data[0].get("InResponseTo") or ""
    if not asked or response.get("InResponseTo") != asked:
        raise AnswerRefused("the answer was not asked for")
    return asked


def _moment(text: str | None) -> datetime:
    try:
        moment = datetime.fromisoformat(text or "")
    except ValueError:
        raise AnswerRefused("the assertion has a strange date") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _identity(assertion: etree._Element, settings: Settings) -> Identity:
    names = assertion.findall("saml:Subject/saml:NameID", NAMES)
    subject = names[0].text if len(names) == 1 and not len(names[0]) else None
    if not subject or len(subject) > 255 or subject != subject.strip() or names[0].get("Format") == TRANSIENT:
        raise AnswerRefused("the assertion names nobody for good: NameID is missing, long or transient")
    found: dict[str, str] = {}
    for attribute in assertion.findall("saml:AttributeStatement/saml:Attribute", NAMES):
        values = attribute.findall("saml:AttributeValue", NAMES)
        if len(values) == 1 and not len(values[0]) and values[0].text:
            found[attribute.get("Name", "")] = values[0].text.strip()
    folded = {name.lower(): value for name, value in found.items()}
    email = _first(folded, EMAIL) or (subject if names[0].get("Format") == EMAIL_FORMAT else "")
    return Identity(
        issuer=settings.entity_id,
        subject=subject,
        email=plain_address(email),
        is_verified=True,  # the provider was set up for this one account, and signs what its directory holds
        first_name=short(_first(folded, FIRST)),
        last_name=short(_first(folded, LAST)),
        claims={"NameID": subject, "Format": names[0].get("Format", ""), **found},
    )


def _first(values: dict[str, str], names: tuple[str, ...]) -> str:
    return next((values[name] for name in names if name in values), "")
