"""Everything that can go wrong in auth, one class per failure."""

from shared.errors import (
    Conflict,
    FieldError,
    Forbidden,
    Gone,
    Invalid,
    NotFound,
    RateLimited,
    Unauthenticated,
    Unavailable,
)

# --- Both halves ---------------------------------------------------------------------------------------


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


class InvalidToken(Gone):
    """A link from a mail that is used, expired, replaced, or was never ours; which of these is nobody's business."""

    code = "invalid_token"
    title = "Link no longer valid"
    detail = "This link has been used, has expired, or was replaced by a newer one. Ask for a new mail."


# --- Accounts and enrolment ----------------------------------------------------------------------------


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


class ReservationLapsed(Unavailable):
    """The minute for which the invitation was kept is over; whoever comes again has another."""

    code = "reservation_lapsed"
    detail = "Joining took too long, so nothing has happened. Try again."


class InvitationEmailMismatch(Forbidden):
    """The invitation is for another address."""

    code = "invitation_email_mismatch"
    title = "Invitation for another address"
    detail = "This invitation was sent to another e-mail address. Use that address, or ask for a new invitation."


# --- Sessions and passwords ----------------------------------------------------------------------------


class WeakPassword(Invalid):
    """A password that is too easy to guess."""

    code = "weak_password"
    title = "Weak password"
    detail = "This password is too easy to guess. Choose a longer one."

    def __init__(self, detail: str | None = None) -> None:
        super().__init__(detail)
        self.errors = (FieldError("password", self.detail),)


class InvalidCredentials(Unauthenticated):
    """No such account, or not its password; which of the two is nobody's business."""

    code = "invalid_credentials"
    title = "Wrong e-mail address or password"
    detail = "The e-mail address or the password is wrong."


class WrongPassword(Forbidden):
    """Somebody who is signed in does not know the password; their token is as good as before, so it is no 401."""

    code = "wrong_password"
    title = "Wrong password"
    detail = "The current password is wrong."


class ForeignOrigin(Forbidden):
    """A page of another origin than ours would keep or use the refresh cookie."""

    code = "foreign_origin"
    title = "Foreign origin"
    detail = "The refresh cookie is for pages at this product's own address. Send the token in the body instead."


class TooManyAttempts(RateLimited):
    """Tried too often for one account."""

    code = "too_many_attempts"
    title = "Too many attempts"
    detail = "Too many attempts. Wait a while and try again."


class SignInMethodNotAllowed(NotAdmitted):
    """It was shown who somebody is, but by nothing that the tenant takes."""

    code = "sign_in_method_not_allowed"
    title = "Sign-in method not allowed"
    detail = "This company does not let people in this way. Sign in there by another method."


class InvalidRefreshToken(Unauthenticated):
    """A refresh token that is unknown, expired, or whose session has ended."""

    code = "invalid_refresh_token"
    title = "Session ended"
    detail = "This session has ended. Sign in again."


class RefreshTokenReused(Unauthenticated):
    """A refresh token that was used before: somebody else may have it, so its whole session is over."""

    code = "refresh_token_reused"
    title = "Session ended"
    detail = "This session was ended because its refresh token was used twice. Sign in again."


class SessionNotFound(NotFound):
    """The caller has no session with this id."""

    code = "session_not_found"
    title = "Session not found"
    detail = "You have no such session."


class HashingOverloaded(Unavailable):
    """More passwords wait to be hashed than may wait."""

    code = "overloaded"
    detail = "Too many people are signing in at this moment. Try again shortly."


class NotAMember(Forbidden):
    """The person does not belong there; whether there is such a tenant is not said."""

    code = "not_a_member"
    title = "Not a member"
    detail = "You do not belong to this company."


class UserNotFound(NotFound):
    """Nobody with this id in the caller's tenant."""

    code = "user_not_found"
    title = "User not found"
    detail = "There is no such person in your company."


# --- Members -------------------------------------------------------------------------------------------


class RoleTooHigh(Forbidden):
    """Nobody changes people above them, or makes anybody more than they are themselves."""

    code = "role_too_high"
    title = "Role above your own"
    detail = "You cannot change somebody with a higher role than yours, or give a role above yours."


class LastOwner(Conflict):
    """A tenant never loses its last owner."""

    code = "last_owner"
    title = "Last owner"
    detail = "This person is the only active owner of your company. Make somebody else an owner first."


class NotApproved(Conflict):
    """Somebody who waits for approval cannot be suspended: the end of that would let them in."""

    code = "not_approved"
    title = "Not approved yet"
    detail = "This person has not been approved yet. Approve or remove them."


class AddressUnproven(Conflict):
    """Nobody has shown that the mailbox is theirs, so there is nobody to approve or to change."""

    code = "address_unproven"
    title = "Address not confirmed"
    detail = "This person has not confirmed their e-mail address yet. Until they do, they can only be removed."


# --- API keys ------------------------------------------------------------------------------------------


class ApiKeyNotFound(NotFound):
    """No key with this id in the caller's tenant."""

    code = "api_key_not_found"
    title = "API key not found"
    detail = "There is no such API key in your company. It may have been revoked already."


class TooManyApiKeys(Conflict):
    """The tenant has as many keys as it may have."""

    code = "too_many_api_keys"
    title = "Too many API keys"
    detail = "Your company has as many API keys as it may have. Revoke one that is not used any more."


class ScopeTooWide(Forbidden):
    """Nobody makes a key that may do more than they may."""

    code = "scope_too_wide"
    title = "Scope beyond your own rights"
    detail = "You cannot make an API key that may do more than you may."


class ExpiryInThePast(Invalid):
    """The key would be dead before it is born."""

    code = "expiry_in_the_past"
    title = "Expiry in the past"
    detail = "The API key would have expired already. Choose a later time, or none."


class UnknownSigningKey(NotFound):
    """An operator names a key that there never was."""

    code = "signing_key_not_found"
    title = "No such signing key"
    detail = "There is no signing key of that name. `sparknode keys list` names them."


class SigningKeyUnreadable(Unavailable):
    """``JWT_SECRET_KEY`` was changed, and this process was not given the new one; others were, and can sign."""

    code = "signing_key_unreadable"
