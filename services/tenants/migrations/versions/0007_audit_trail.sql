-- What has happened in each tenant: every event, once.
CREATE TABLE audit_events (
    tenant_id   uuid        NOT NULL,
    occurred_at timestamptz NOT NULL,
    event_id    uuid        NOT NULL,
    action      text        NOT NULL,
    actor       text,
    subject     uuid        NOT NULL,
    data        jsonb       NOT NULL,
    trace_id    text,
    PRIMARY KEY (tenant_id, occurred_at, event_id)
) PARTITION BY RANGE (occurred_at);

-- Takes in what no month has room for, so that nothing is ever lost.
CREATE TABLE audit_events_rest PARTITION OF audit_events DEFAULT;

ALTER TABLE audit_events ENABLE ROW LEVEL SECURITY;
ALTER TABLE audit_events FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON audit_events TO :app
    USING (tenant_id = current_tenant()) WITH CHECK (tenant_id = current_tenant());
CREATE POLICY upkeep ON audit_events TO :lookup USING (true) WITH CHECK (false);
GRANT SELECT, INSERT ON audit_events TO :app;
GRANT SELECT, DELETE ON audit_events TO :lookup;

ALTER TABLE audit_events_rest ENABLE ROW LEVEL SECURITY;
ALTER TABLE audit_events_rest FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON audit_events_rest TO :app
    USING (tenant_id = current_tenant()) WITH CHECK (tenant_id = current_tenant());

-- The roles that serve may make and drop no table. These two functions do it with their owner's rights, for whole months
-- of the audit trail and nothing else; nobody waits for more than two seconds because of them.

-- Make room for the month of a moment. Again is a success. A month that has events in the rest already stays there.
CREATE FUNCTION audit_make_month(moment timestamptz) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' SET lock_timeout = '2s' AS $$
DECLARE
    beginning timestamptz := date_trunc('month', moment);
    month     text := 'audit_events_' || to_char(beginning, 'YYYY_MM');
BEGIN
    IF to_regclass('public.' || month) IS NOT NULL THEN
        RETURN;
    END IF;
    EXECUTE format('CREATE TABLE public.%I PARTITION OF public.audit_events FOR VALUES FROM (%L) TO (%L)',
                   month, beginning, beginning + interval '1 month');
    EXECUTE format('ALTER TABLE public.%I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', month);
    EXECUTE format('CREATE POLICY tenant ON public.%I TO :app USING (tenant_id = public.current_tenant())
                    WITH CHECK (tenant_id = public.current_tenant())', month);
EXCEPTION
    WHEN check_violation OR duplicate_table THEN
        RETURN;
END $$;

-- Drop the months that were over at a moment; how many those were.
CREATE FUNCTION audit_drop_months(before timestamptz) RETURNS integer LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' SET lock_timeout = '2s' AS $$
DECLARE
    month   text;
    dropped integer := 0;
BEGIN
    FOR month IN
        SELECT c.relname FROM pg_inherits AS i JOIN pg_class AS c ON c.oid = i.inhrelid
         WHERE i.inhparent = 'public.audit_events'::regclass AND c.relname ~ '^audit_events_\d{4}_\d{2}$'
           AND to_timestamp(right(c.relname, 7), 'YYYY_MM') + interval '1 month' <= before
    LOOP
        EXECUTE format('DROP TABLE public.%I', month);
        dropped := dropped + 1;
    END LOOP;
    RETURN dropped;
END $$;

REVOKE EXECUTE ON FUNCTION audit_make_month, audit_drop_months FROM PUBLIC;
GRANT EXECUTE ON FUNCTION audit_make_month, audit_drop_months TO :lookup;

SELECT audit_make_month(now() + ahead * interval '1 month') FROM generate_series(0, 3) AS ahead;
