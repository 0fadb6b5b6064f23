"""What keeps people out whom we know."""

from shared.errors import Forbidden


class NotAMember(Forbidden):
    """The person does not belong there; whether there is such a tenant is not said."""

    code = "not_a_member"
    title = "Not a member"
    detail = "You do not belong to this company."


class EmailUnverified(Forbidden):
    """The account is there, but nobody has shown that the mailbox is theirs."""

    code = "email_unverified"
    title = "E-mail address not verified"
    detail = "Confirm your e-mail address first: open the link in the mail that we sent you."


class NotAdmitted(Forbidden):
    """A tenant does not let this person in; it does not decide about others."""


class ApprovalRequired(NotAdmitted):
    """The person waits for an admin of the tenant."""

    code = "approval_required"
    title = "Approval required"
    detail = "An administrator of your company has to approve you first."


class MembershipSuspended(NotAdmitted):
    """The tenant has locked this person out."""

    code = "membership_suspended"
    title = "Membership suspended"
    detail = "Your access has been suspended. Ask an administrator of your company."


class TenantSuspended(NotAdmitted):
    """Nobody of this tenant gets in."""

    code = "tenant_suspended"
    title = "Company suspended"
    detail = "The access of this company has been suspended."


class SignInMethodNotAllowed(NotAdmitted):
    """It was shown who somebody is, but by nothing that the tenant takes."""

    code = "sign_in_method_not_allowed"
    title = "Sign-in method not allowed"
    detail = "This company does not let people in this way. Sign in there by another method."


class SignInTooLongAgo(NotAdmitted):
    """Whoever asks in a session has begun it, or the one before it, longer ago than the tenant lets sessions last."""

    code = "sign_in_too_long_ago"
    title = "Signed in too long ago"
    detail = "This company wants people to have signed in more recently. Sign in again."
