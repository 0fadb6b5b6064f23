-- When the proof was last looked for, and since when it is missing.
ALTER TABLE domain_claims
    ADD COLUMN checked_at    timestamptz,
    ADD COLUMN missing_since timestamptz,
    ADD CONSTRAINT only_what_counts_can_miss_its_proof CHECK (missing_since IS NULL OR status = 'verified');

-- What the check of all tenants' domains goes through, the longest unchecked first.
CREATE INDEX domain_claims_due ON domain_claims ((coalesce(checked_at, verified_at)))
 WHERE status = 'verified' AND verified_by = 'dns';

-- What nobody proved in time.
CREATE INDEX domain_claims_unproven ON domain_claims (created_at) WHERE status = 'unverified';
