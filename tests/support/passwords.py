"""How hard passwords are hashed: easily, unless a test is about that. There are thousands of hashes in a run."""

from functools import cache
from typing import Any

import argon2

from services.auth.settings import HARD_MEMORY_KIB, HARD_PASSES

EASY: dict[str, Any] = {"password_memory_kib": 64, "password_passes": 1}
HARD: dict[str, Any] = {"password_memory_kib": HARD_MEMORY_KIB, "password_passes": HARD_PASSES}
"""As in production."""

EASY_VARIABLES = {name.upper(): str(value) for name, value in EASY.items()}
"""The same for a process."""


@cache
def hash_of(password: str, password_memory_kib: int, password_passes: int) -> str:
    """As auth would hash it with such settings; made once per run."""
    hasher = argon2.PasswordHasher(time_cost=password_passes, memory_cost=password_memory_kib, parallelism=1)
    return hasher.hash(password)
