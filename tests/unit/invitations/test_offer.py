"""Who may offer what."""

import pytest

from services.invitations.domain.offer import Offer
from services.invitations.errors import RoleTooHigh
from shared.contracts.tenancy import Role

GRANTS = {
    Role.OWNER: {Role.OWNER, Role.ADMIN, Role.HR, Role.MEMBER},
    Role.ADMIN: {Role.ADMIN, Role.HR, Role.MEMBER},
    Role.HR: {Role.MEMBER},
    Role.MEMBER: set(),
}


@pytest.mark.parametrize("granter", Role)
@pytest.mark.parametrize("role", Role)
def test_nobody_offers_a_role_above_their_own_and_hr_only_that_of_a_member(granter: Role, role: Role) -> None:
    """CVE-2024-5127"""
    if role in GRANTS[granter]:
        Offer(role).require_grantable_by(granter)
    else:
        with pytest.raises(RoleTooHigh):
            Offer(role).require_grantable_by(granter)
