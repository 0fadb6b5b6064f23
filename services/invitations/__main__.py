"""`python -m services.invitations`: serve, work in the background, or migrate."""

from services.invitations.app import build
from services.invitations.schema import SCHEMA
from services.invitations.settings import InvitationsSettings
from shared.service_commands import service_commands

commands = service_commands(SCHEMA, InvitationsSettings, build)

if __name__ == "__main__":
    commands()
