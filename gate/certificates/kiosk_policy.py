"""What a kiosk's Chromium may do. Debian's reads it in /etc/chromium/policies/managed, which is root's."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping

from cryptography import x509
from cryptography.x509.oid import NameOID

from gate.certificates.files import der

_NOTHING_ELSE: Mapping[str, object] = {
    # Nobody looks behind the page, or round it.
    "DeveloperToolsAvailability": 2,
    "IncognitoModeAvailability": 1,
    "BrowserGuestModeEnabled": False,
    "BrowserAddPersonEnabled": False,
    "BrowserSignin": 0,
    "SyncDisabled": True,
    "ExtensionInstallBlocklist": ["*"],
    "TaskManagerEndProcessEnabled": False,
    "AllowDinosaurEasterEgg": False,
    # A certificate that is not trusted is no page, whatever a driver would press.
    "SSLErrorOverrideAllowed": False,
    # Nothing comes out of it or is left in it.
    "PrintingEnabled": False,
    "DownloadRestrictions": 3,
    "AllowFileSelectionDialogs": False,
    "ScreenCaptureAllowed": False,
    "PasswordManagerEnabled": False,
    "AutofillAddressEnabled": False,
    "AutofillCreditCardEnabled": False,
    "SavingBrowserHistoryDisabled": True,
    "BookmarkBarEnabled": False,
    "EditBookmarksEnabled": False,
    # Nothing is asked of the driver beside the page's own questions.
    "TranslateEnabled": False,
    "SpellcheckEnabled": False,
    "DefaultPopupsSetting": 2,
    "DefaultNotificationsSetting": 2,
    "DefaultGeolocationSetting": 2,
    "AudioCaptureAllowed": False,
    "VideoCaptureAllowed": False,
    "DefaultBrowserSettingEnabled": False,
    "PromotionsEnabled": False,
    "CommandLineFlagSecurityWarningsEnabled": False,
    # It speaks with the gate and with nobody else: there is no internet here.
    "SafeBrowsingProtectionLevel": 0,
    "SearchSuggestEnabled": False,
    "NetworkPredictionOptions": 2,
    "DnsOverHttpsMode": "off",
    "ComponentUpdatesEnabled": False,
    "MetricsReportingEnabled": False,
    "BackgroundModeEnabled": False,
}


def kiosk_policy(origin: str, authority: x509.Certificate) -> dict[str, object]:
    """The managed policy for the one origin, whose certificates this authority signs.

    The authority is trusted by that browser alone, and its kiosk certificate shown to that origin alone.
    """
    issuer = authority.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value
    shown = {"pattern": origin, "filter": {"ISSUER": {"CN": issuer}}}
    return {
        # Not chrome://*: Chromium's makers warn of it, and it ends the browser. Nobody gets there without
        # an address line or keys, and a kiosk has neither.
        "URLBlocklist": ["*", "javascript://*", "view-source:*"],
        "URLAllowlist": [origin],
        "AutoSelectCertificateForUrls": [json.dumps(shown)],
        "CACertificates": [base64.b64encode(der(authority)).decode("ascii")],
        **_NOTHING_ELSE,
    }
