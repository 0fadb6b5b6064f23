"""By what people have shown who they are, where a session begins."""

from shared.contracts.tenant_settings import SignInMethod

Methods = frozenset[SignInMethod]
"""What a session stands for, as long as it lasts. A tenant takes it that allows one of them."""

BY_PASSWORD: Methods = frozenset({SignInMethod.PASSWORD})
BY_LINK: Methods = frozenset({SignInMethod.EMAIL_LINK})

BY_SIGN_UP: Methods = BY_PASSWORD | BY_LINK
"""Who signs up chooses a password and proves the mailbox, so that every tenant takes them in."""


def with_invitation(methods: Methods, *, anew: bool) -> Methods:
    """``methods``, and what the link of an invitation adds: it was sent to the mailbox, as one that signs in is.

    Only ``anew``: one that has let the person in before may be years old, and would go round the tenant's rule for
    good.
    """
    return methods | BY_LINK if anew else methods
