"""By what people have shown who they are, where a session begins."""

from shared.contracts.tenant_settings import SignInMethod

Methods = frozenset[SignInMethod]
"""What a session stands for, as long as it lasts. A tenant takes it that allows one of them."""

BY_PASSWORD: Methods = frozenset({SignInMethod.PASSWORD})
BY_LINK: Methods = frozenset({SignInMethod.EMAIL_LINK})

BY_SIGN_UP: Methods = BY_PASSWORD | BY_LINK
"""Who signs up by the domain chooses a password and proves the mailbox, with a link that nobody else has seen."""
