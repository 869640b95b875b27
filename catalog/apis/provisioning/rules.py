"""What agents may do, by person and by work type, as a fresh sandbox has it."""

from typing import Any

Row = dict[str, Any]

CALLBACK = "7KX2QD.501"  # the work type that callbacks belong to unless said otherwise


def work_type_rules(row: Row) -> Row:
    channel = row["channel"]["channelType"]
    return {
        "_workTypeId": row["id"],
        **_shared(channel, has_callbacks=row.get("canCallBackWorkType", False)),
        "isAuthenticated": channel == "chat",
    }


def user_rules(row: Row, number: int) -> Row:
    return {
        "_userId": row["id"],
        **_shared("all", has_callbacks=True),
        "canDeleteVoicemail": True,
        "canForwardVoicemail": number % 2 == 0,
        "canNotReady": True,
        "canPark": True,
        "isOnDemand": number % 4 == 0,
        "maxEmailInteractions": 3,
        "maxMessageInteractions": 4,
        "maxTotalInteractions": 5,
        "mustDisplayWorkTypes": True,
        "mustSelectWorkType": False,
        "parkWarningTime": 120,
    }


def _shared(channel: str, *, has_callbacks: bool) -> Row:
    has_voice, has_mail = channel in ("voice", "all"), channel in ("email", "all")
    return {
        "kind": "via#workHandlerRules",
        "version": 3,
        "canAddAttachments": has_mail,
        "canBlindTransfer": True,
        "canCallBackSelf": has_callbacks,
        "canCallBackWorkType": has_callbacks,
        "canChangePhoneInPreview": has_voice,
        "canConference": has_voice,
        "canConsult": True,
        "canDial": has_voice,
        "canForwardEmailToExternal": has_mail,
        "canHold": has_voice,
        "canInitiateNewOutboundEmail": has_mail,
        "canPauseResumeRecording": has_voice,
        "canRecord": has_voice,
        "canTerminate": True,
        "canViewTeamLeads": True,
        "canViewWorkHandlers": True,
        "canViewWorktypes": True,
        "canWarmTransfer": has_voice,
        "defaultCallBackWorkTypeId": CALLBACK if has_callbacks else "",
        "emailDeliveryType": "push" if has_mail else "none",
        "isTimedPreview": True,
        "maxCallBackDays": 30 if has_callbacks else 0,
        "maxWrapTime": 120,
        "minWrapTime": 5,
        "mustDisplayPastCallBackWarning": True,
        "mustDisposition": True,
        "mustHideSpeedDialPhone": False,
        "previewTimeout": 30,
        "urlForwardType": "auto",
        "wrapExceedAction": "displayWarning",
        "wrapType": "required",
        "wrapWarningDelay": 90,
    }
