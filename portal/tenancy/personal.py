"""Which columns of the whole portal tell something about a person who uses it.

Every column stands in exactly one of the lists; tests/tenancy/test_personal.py fails for one that stands in
none. A new column: decide, then write it down. `*` stands for any ending.

PERSONAL: given to the person on request (ROWS_OF finds the rows) and gone after erasure.
SECRET: about a person, gone after erasure, and never shown to anybody.
PLAIN: about the account, its programs or the portal.
"""

from __future__ import annotations

PERSONAL = {
    "tenancy.User": "email first_name last_name occupation role standing invited_by last_login is_active "
    "created",
    "tenancy.Invitation": "email invited_by",
    "tenancy.Proof": "user purpose address expires",
    "tenancy.BrowserSession": "user browser address started seen expire_date",
    "tenancy.AuditLine": "at actor actor_label action target target_label changes address",
    "tenancy.Authenticator": "user created last_used",
    "tenancy.Passkey": "user name created last_used",
    "tenancy.RecoveryCode": "user used",
    "tenancy.IdentityProvider": "tested_by tested_at tested_subject",
    "tenancy.FederatedIdentity": "user issuer subject created",
    "runs.Run": "started_by",
    "mail.Outbox": "template to subject state created sent",
    "apps.App": "created_by console_of",
    "usage.Alert": "created_by",
    "integrations.Integration": "created_by",
    "catalog.TestRequest": "user name content at",
    "catalog.Variable": "user name value",
    "support.Ticket": "opened_by",
    "support.Message": "author text at",
}
SECRET = {
    "tenancy.User": "password",
    "tenancy.Invitation": "digest",
    "tenancy.Proof": "digest stamp",
    "tenancy.BrowserSession": "session_key session_data",
    "tenancy.ResetRequest": "asked",  # gone within seconds; whose it is cannot be known
    "tenancy.Authenticator": "secret last_step",
    "tenancy.Passkey": "credential_id credential sign_count",
    "tenancy.RecoveryCode": "salt digest",
    "mail.Outbox": "body",
}
# Model → columns that hold the person; `name=email` holds the address, `name=ref` the words "user <id>".
ROWS_OF = {
    "tenancy.User": "pk",
    "tenancy.Invitation": "invited_by email=email",
    "tenancy.Proof": "user",
    "tenancy.BrowserSession": "user",
    "tenancy.AuditLine": "actor target=ref",
    "tenancy.Authenticator": "user",
    "tenancy.Passkey": "user",
    "tenancy.RecoveryCode": "user",
    "tenancy.IdentityProvider": "tested_by",
    "tenancy.FederatedIdentity": "user",
    "runs.Run": "started_by",
    "mail.Outbox": "to=email",
    "apps.App": "created_by console_of",
    "usage.Alert": "created_by",
    "integrations.Integration": "created_by",
    "catalog.TestRequest": "user",
    "catalog.Variable": "user",
    "support.Ticket": "opened_by",
    "support.Message": "author",
}
_SUMS = "id tenant calls errors latency_sum_us request_bytes answer_bytes slot_* environment"
_TOTALS = f"{_SUMS} app"
PLAIN = {
    "tenancy.Tenant": "id name slug skeleton region time_zone week_start requires_second_factor is_active "
    "created",
    "tenancy.User": "id tenant is_superuser is_staff",
    "tenancy.Invitation": "id tenant role state expires created",
    "tenancy.Proof": "id tenant",
    "tenancy.ResetRequest": "id created",
    "tenancy.AuditLine": "id tenant actor_ref request_id sequence seals previous_hash hash",
    "tenancy.AuditHead": "id chain tenant sequence hash since",
    "tenancy.Authenticator": "id tenant",
    "tenancy.Passkey": "id tenant",
    "tenancy.RecoveryCode": "id tenant",
    "tenancy.IdentityProvider": "id tenant kind issuer settings is_enabled version",
    "tenancy.FederatedIdentity": "id tenant",
    "runs.Run": "id tenant kind subject state done total message fence attempts resume_at created beat_at "
    "ended",
    "mail.Outbox": "id tenant message_id tries next_try last_error",
    "mail.MailWording": "id template subject text",
    "apps.App": "id tenant client_id redirect_uris post_logout_redirect_uris client_type "
    "authorization_grant_type client_secret hash_client_secret name skip_authorization created updated "
    "algorithm allowed_origins registration_source cimd_expires_at public_id description folded_name scope "
    "rate_limit secret_hint issued_at credential_epoch revocations deleted_at "
    "user",  # empty by a constraint
    "apps.ApiSession": "id tenant app digest api scope epoch idle expires",
    "support.Ticket": "id tenant reference subject area request_id state created changed",
    "support.Message": "id tenant ticket is_from_support",
    "front.Settings": "number operator_name operator_address support_address catalog_is_public",
    "front.LegalText": "id kind text changed",
    "apps.Scope": "id name description api",
    "usage.HourTotal": f"{_TOTALS} api operation hour",
    "usage.DayTotal": f"{_TOTALS} api operation day",
    "usage.DayAppTotal": f"{_TOTALS} day",
    "usage.DayEndpointTotal": f"{_SUMS} api operation day",
    "usage.MonthTotal": f"{_TOTALS} api operation month",
    "usage.MonthAppTotal": f"{_TOTALS} month",
    "usage.MonthEndpointTotal": f"{_SUMS} api operation month",
    "usage.Alert": "id tenant measure app threshold audience is_on created",
    "usage.Alarm": "id tenant alert began ended value",
    "usage.RequestLog": "event at tenant app api operation environment method status latency_us "
    "request_bytes answer_bytes request_id",
    "usage.Cursor": "stream epoch run_id position read moved",
    "usage.Gap": "id began ended reason calls",
    "catalog.Api": "id slug current rate_limit created",
    "catalog.Upstream": "id tenant api address sign_in header token_address client_id scope secret timeout "
    "version updated",
    "catalog.AllowedOrigin": "id tenant origin",
    "catalog.RateLimit": "id tenant api calls",
    "catalog.ApiVersion": "id api number title label summary digest source frame index changes change_count "
    "breaking_count published",
    "catalog.Operation": "id version operation_id method path group summary deprecated position closure",
    "catalog.Schema": "id version name position closure",
    "catalog.Guide": "id version slug title text position",
    "catalog.Sandbox": "id tenant api version seeded",
    "catalog.SandboxRow": "id tenant api collection key data",
    "catalog.TestRequest": "id tenant api operation method environment status took_ms share",
    "catalog.Variable": "id tenant",
    "catalog.SandboxJob": "id tenant api name key step failures due",
    # The employees of an account's HR system are its data, as a sandbox's rows are; none uses the portal.
    "integrations.Integration": "id tenant provider company_domain company_name api_key key_hint environment "
    "app client_id client_secret step is_enabled needs_reconnect trouble source_types target_types "
    "hours_per_day sample read_at interval start_time starts_at next_run_at revision created",
    "integrations.TypeMapping": "id tenant integration source_id source_name source_unit target_id "
    "target_name unit hours_per_day stopped",
    "integrations.Employee": "id tenant integration side external_id first_name last_name preferred_name "
    "email name_key mail_key is_leaver is_shared is_present",
    "integrations.Link": "id tenant integration source target how is_confirmed",
    "integrations.Sync": "id tenant run integration trigger is_dry planned_at retry_of phase cursor people "
    "is_released pauses created_count updated_count unchanged_count skipped_count failed_count",
    "integrations.Record": "id tenant sync link mapping person type_name account_id outcome step old new "
    "unit raw raw_unit as_of reason key",
    "auth.Permission": "id name content_type codename",
    "auth.Group": "id name",
    "auth.Group_permissions": "id group permission",
    "contenttypes.ContentType": "id app_label model",
}
# Tables of packages that hold nothing about a tenant's people, and why.
EMPTY = {
    "tenancy.User_groups": "roles are columns; only operators could have groups",
    "tenancy.User_user_permissions": "as groups",
    "admin.LogEntry": "operators only",
    "sessions.Session": "BrowserSession takes its place",
    "oauth2_provider.Grant": "no person signs in to an app",
    "oauth2_provider.AccessToken": "tokens of apps, never of a person",
    "oauth2_provider.RefreshToken": "as grants",
    "oauth2_provider.IDToken": "as grants",
    "oauth2_provider.DeviceGrant": "as grants",
}
