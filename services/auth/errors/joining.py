"""What keeps people from coming into a tenant."""

from shared.errors import Conflict, Forbidden, Gone, Invalid, NotFound, Unavailable


class TenantUndetermined(Invalid):
    """Nothing says which tenant this person belongs to."""

    code = "tenant_undetermined"
    title = "Cannot determine tenant"
    detail = "No company is set up for this e-mail domain. Use your work address, or ask for an invitation."


class TenantNotReplicated(Unavailable):
    """Another service speaks of a tenant that auth has not heard of yet; its event is on the way."""

    code = "tenant_not_replicated"
    detail = "This company is being set up. Try again in a moment."


class AccountExists(Conflict):
    """The address has a proven account."""

    code = "account_exists"
    title = "Account exists"
    detail = "There is an account with this e-mail address. Sign in, then open the invitation again."


class InvitationNotFound(NotFound):
    """No invitation has this token."""

    code = "invitation_not_found"
    title = "Invitation not found"
    detail = "This invitation link is not valid. Check that it is complete, or ask for a new one."


class InvitationExpired(Gone):
    """The invitation was not used in time."""

    code = "invitation_expired"
    title = "Invitation expired"
    detail = "This invitation has expired. Ask for a new one."


class InvitationRevoked(Gone):
    """The invitation was taken back."""

    code = "invitation_revoked"
    title = "Invitation revoked"
    detail = "This invitation has been taken back. Ask for a new one."


class InvitationUsed(Gone):
    """The invitation has let somebody in already, and lets nobody in twice."""

    code = "invitation_used"
    title = "Invitation used"
    detail = "This invitation has been used already. Ask for a new one."


class InvitationEmailMismatch(Forbidden):
    """The invitation is for another address."""

    code = "invitation_email_mismatch"
    title = "Invitation for another address"
    detail = "This invitation was sent to another e-mail address. Use that address, or ask for a new invitation."


class ReservationLapsed(Unavailable):
    """The minute for which the invitation was kept is over; whoever comes again has another."""

    code = "reservation_lapsed"
    detail = "Joining took too long, so nothing has happened. Try again."
