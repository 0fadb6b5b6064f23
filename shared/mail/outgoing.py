"""Where the mails of a service go and from whom they come, as its settings say."""

from shared.contracts.email import InvalidEmail
from shared.mail.maildir import MaildirTransport
from shared.mail.message import Sender
from shared.mail.smtp import SmtpServer, SmtpTransport
from shared.mail.transport import MailTransport
from shared.process import CannotStart
from shared.settings import MailSettings


def transport_of(settings: MailSettings) -> MailTransport:
    """The mail server, or else the development mailbox; ``CannotStart`` says what is wrong with the setting."""
    if settings.smtp_url:
        try:
            return SmtpTransport(SmtpServer.parse(settings.smtp_url.get_secret_value()))
        except ValueError as error:
            raise CannotStart(f"SMTP_URL: {error}") from None
    if settings.mailbox_dir:
        return MaildirTransport(settings.mailbox_dir)
    raise CannotStart("SMTP_URL or MAILBOX_DIR: one of them must say where mails go.")


def sender_of(settings: MailSettings) -> Sender:
    """From whom mails come; ``CannotStart`` when that is no address."""
    try:
        return Sender.parse(settings.mail_from)
    except (ValueError, InvalidEmail) as error:
        raise CannotStart(f"MAIL_FROM: {error} Write it as: Name <no-reply@company.com>") from None
