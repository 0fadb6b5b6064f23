"""Every way in which an invitation can fail."""

from shared.errors import Conflict, Forbidden, Gone, NotFound, Unavailable


class InvitationNotFound(NotFound):
    """No invitation with this id in the caller's tenant, or none behind this link."""

    code = "invitation_not_found"
    title = "Invitation not found"
    detail = "There is no such invitation. If you followed a link, look for a newer mail, or ask for a new invitation."


class InvitationExpired(Gone):
    """Too late."""

    code = "invitation_expired"
    title = "Invitation expired"
    detail = "This invitation has expired. Ask for a new one."


class InvitationRevoked(Gone):
    """It was taken back."""

    code = "invitation_revoked"
    title = "Invitation revoked"
    detail = "This invitation was taken back. Ask the person who sent it."


class InvitationEmailMismatch(Forbidden):
    """The link belongs to another address."""

    code = "invitation_email_mismatch"
    title = "Invitation for another address"
    detail = "This invitation is for another e-mail address. Use the address that it was sent to."


class InvitationNotPending(Conflict):
    """Only what still waits for an answer can be sent again or taken back."""

    code = "invitation_not_pending"
    title = "Invitation no longer open"
    detail = "This invitation is no longer open. Invite the address again if it should still join."


class InvitationReserved(Conflict):
    """The invited person is signing up at this moment."""

    code = "invitation_reserved"
    title = "Invitation in use"
    detail = "The invited person is joining right now. Look again in a minute."


class AlreadyMember(Conflict):
    """There is nobody to invite."""

    code = "already_member"
    title = "Already a member"
    detail = "A person with this e-mail address is in your organisation already."


class RoleTooHigh(Forbidden):
    """Nobody makes, changes or takes back an invitation to a role that they may not grant."""

    code = "role_too_high"
    title = "Role above your own"
    detail = "You cannot invite to this role, or change an invitation to it. Ask somebody with a higher role."


class TenantSuspended(Forbidden):
    """Nobody is let in to a suspended tenant."""

    code = "tenant_suspended"
    title = "Company suspended"
    detail = "This company is suspended, so nobody can be invited to it or join it."


class TenantNotFound(NotFound):
    """No tenant has this id, or the event that tells of it has not come in yet."""

    code = "tenant_not_found"
    title = "Tenant not found"
    detail = "There is no such tenant. If it was made just now, try again in a moment."


class TenantHasOwner(Conflict):
    """Operators are out of it: a tenant's own people decide who else is an owner."""

    code = "tenant_has_owner"
    title = "The tenant has an owner"
    detail = "This tenant has an owner, who can invite others to be owners, too."


class StandingUnsettled(Unavailable):
    """The token says more than was heard of the caller: one of the two is older than a change of their role."""

    code = "standing_unsettled"
    detail = "What you may do here has just changed. Try again in a moment, or sign in again."


class TenantUnknown(Unavailable):
    """The event that tells of the tenant has not come in yet."""

    code = "tenant_unknown"
    detail = "Your organisation is still being set up. Try again in a moment."
