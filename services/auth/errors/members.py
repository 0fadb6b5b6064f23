"""What stands against a change of people in their tenant."""

from shared.errors import Conflict, Forbidden, NotFound


class UserNotFound(NotFound):
    """Nobody with this id in the caller's tenant."""

    code = "user_not_found"
    title = "User not found"
    detail = "There is no such person in your company."


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
