"""What a tenant settles for itself."""

from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field

from shared.contracts.tenancy import Role


class SignInMethod(StrEnum):
    """By what somebody shows who they are when a session begins."""

    PASSWORD = "password"  # noqa: S105 - the name of a method
    EMAIL_LINK = "email_link"


class TenantSettings(BaseModel):
    """All of it, as it is after each change; what nobody has settled is as the installation has it."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    self_sign_up: bool = Field(True, description="Whether an e-mail domain of the tenant lets anybody in.")
    default_role: Role = Field(Role.MEMBER, description="What people are whom a domain lets in: `member` or `hr`.")
    session_days: int | None = Field(None, description="After so many days people sign in anew.")
    session_idle_days: int | None = Field(None, description="A session that is not used for so many days ends.")
    display_name: str | None = Field(None, description="What mails and invitations call the tenant, if not its name.")
    sign_in_methods: tuple[SignInMethod, ...] = Field(
        (SignInMethod.PASSWORD,), description="How people may sign in: `password`, `email_link`, or either."
    )


UNSETTLED = TenantSettings()
"""Everything as the installation has it."""
