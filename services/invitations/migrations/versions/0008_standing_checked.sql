-- Neither readers nor writers wait for this.
ALTER TABLE members
    VALIDATE CONSTRAINT members_role_check,
    VALIDATE CONSTRAINT members_status_check;
