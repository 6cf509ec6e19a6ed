-- Who may do what, how much of it, and who did.

-- Credentials that the server keeps. A key without a secret is that of a certificate.
CREATE TABLE access_key (
  slug text COLLATE "C" PRIMARY KEY,
  description text NOT NULL DEFAULT '',
  grants jsonb NOT NULL,                -- of auscult.v1.Grant: [{"role": 4, "site": "sites/-"}]
  secret_hash bytea UNIQUE,             -- SHA-256
  certificate text UNIQUE,
  creator text NOT NULL DEFAULT '',
  create_time timestamptz NOT NULL DEFAULT now(),
  expire_time timestamptz,
  revoke_time timestamptz,
  last_use_time timestamptz,
  CHECK ((secret_hash IS NULL) <> (certificate IS NULL))
);

-- What a site's records or a key's calls may take of one server.
CREATE TABLE quota (
  name text COLLATE "C" PRIMARY KEY,    -- "sites/{site}/quota", "keys/{key}/quota"
  definition jsonb NOT NULL,            -- auscult.v1.Quota, its limits alone
  update_time timestamptz NOT NULL DEFAULT now(),
  revision bigint NOT NULL DEFAULT 1
);

ALTER TABLE operation ADD COLUMN actor text NOT NULL DEFAULT '';

-- Makes the partition of `parent` that `instant` falls into, unless it is there: a month, of waveform an ISO week, of
-- rollups a year, all UTC. Attached rather than created in place, for that takes no lock that stops readers or writers.
CREATE OR REPLACE FUNCTION make_partition(parent text, instant timestamptz) RETURNS boolean
LANGUAGE plpgsql SET timezone = 'UTC' SET datestyle = 'ISO' AS $$
DECLARE
  step text := CASE WHEN parent = 'waveform' THEN 'week' WHEN parent LIKE '%rollup%' THEN 'year' ELSE 'month' END;
  first_instant timestamptz := date_trunc(step, instant);
  next_instant timestamptz := first_instant + ('1 ' || step)::interval;
  child text := parent || to_char(first_instant, CASE step WHEN 'week' THEN '_IYYY"w"IW' WHEN 'year' THEN '_YYYY'
                                                  ELSE '_YYYY_MM' END);
BEGIN
  -- Asked of the table: to_regclass may answer from a cache that does not know what others committed just now.
  IF EXISTS (SELECT FROM pg_inherits JOIN pg_class ON oid = inhrelid
             WHERE inhparent = parent::regclass AND relname = child) THEN
    RETURN false;
  END IF;
  PERFORM pg_advisory_xact_lock(hashtext('auscult'), hashtext('partitions'));
  IF EXISTS (SELECT FROM pg_inherits JOIN pg_class ON oid = inhrelid
             WHERE inhparent = parent::regclass AND relname = child) THEN
    RETURN false;  -- somebody else made it while we waited
  END IF;
  EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING STORAGE)', child, parent);
  EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', child);
  EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)', parent, child, first_instant,
                 next_instant);
  RETURN true;
END
$$;

-- The second wall: calls of callers who are limited to sites run as this role, with the sites in a setting of their
-- transaction, and see no others, whatever a query forgot to ask. Roles belong to the whole cluster.
DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'auscult_call') THEN
    CREATE ROLE auscult_call NOLOGIN;
  END IF;
EXCEPTION WHEN duplicate_object OR unique_violation THEN  -- another database of the cluster made it meanwhile
END
$$;
DO $$
BEGIN
  IF NOT pg_has_role('auscult_call', 'MEMBER') THEN
    EXECUTE format('GRANT auscult_call TO %I', current_user);
  END IF;
  EXECUTE format('GRANT USAGE ON SCHEMA %I TO auscult_call', current_schema());
END
$$;

-- The sites of the call; NULL outside of one: none.
CREATE FUNCTION call_sites() RETURNS bigint[] LANGUAGE sql STABLE PARALLEL SAFE
RETURN nullif(current_setting('auscult.sites', true), '')::bigint[];

-- Entries are numbered without a gap, and the hash of each is SHA-256 of the hash before, in hex, and of its text.
CREATE TABLE audit (
  sequence bigint PRIMARY KEY,
  site_id bigint,                       -- NULL: of no site
  hashed text NOT NULL,                 -- JSON of an auscult.v1.AuditEntry without its hashes
  previous_hash bytea NOT NULL,         -- of the first entry: 32 zeros
  hash bytea NOT NULL
);
CREATE INDEX audit_site ON audit (site_id, sequence);

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the audit log is never rewritten' USING ERRCODE = 'restrict_violation';
END
$$;
CREATE TRIGGER audit_is_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON audit
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Writes the change of a row down, at the end of its transaction: the lock that makes one chain of all transactions is
-- then the last one taken, and held for the commit alone. Arguments: the columns that are written; none: all of them.
CREATE FUNCTION audit_change() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
DECLARE
  was jsonb;
  becomes jsonb;
  of_site bigint;
  site_slug text;
  last_sequence bigint;
  last_hash bytea;
  entry text;
BEGIN
  IF TG_TABLE_NAME = 'model_version' THEN
    IF TG_OP <> 'INSERT' THEN OLD.file := sha256(OLD.file); END IF;
    IF TG_OP <> 'DELETE' THEN NEW.file := sha256(NEW.file); END IF;
  END IF;
  IF TG_OP <> 'INSERT' THEN was := to_jsonb(OLD); END IF;
  IF TG_OP <> 'DELETE' THEN becomes := to_jsonb(NEW); END IF;
  IF TG_NARGS > 0 THEN
    was := (SELECT jsonb_object_agg(key, value) FROM jsonb_each(was) WHERE key = ANY (TG_ARGV));
    becomes := (SELECT jsonb_object_agg(key, value) FROM jsonb_each(becomes) WHERE key = ANY (TG_ARGV));
  END IF;
  PERFORM pg_advisory_xact_lock(hashtext('auscult'), hashtext('audit'));
  SELECT sequence, hash INTO last_sequence, last_hash FROM audit ORDER BY sequence DESC LIMIT 1;
  last_sequence := coalesce(last_sequence, 0);
  last_hash := coalesce(last_hash, decode(repeat('00', 32), 'hex'));
  of_site := nullif((coalesce(becomes, was) ->> 'site_id')::bigint, 0);
  IF of_site IS NOT NULL THEN
    SELECT slug INTO site_slug FROM site WHERE site_id = of_site;
    IF NOT FOUND THEN  -- deleted with all that is below it, itself first
      SELECT substr(hashed::json ->> 'site', 7) INTO site_slug FROM audit WHERE site_id = of_site
      ORDER BY sequence DESC LIMIT 1;
    END IF;
  END IF;
  IF TG_TABLE_NAME = 'site' THEN site_slug := coalesce(becomes, was) ->> 'slug'; END IF;
  entry := json_build_object(
    'sequence', last_sequence + 1,
    'time', to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
    'actor', coalesce(nullif(current_setting('auscult.actor', true), ''), 'database:' || session_user),
    'request_id', coalesce(current_setting('auscult.request_id', true), ''),
    'site', coalesce('sites/' || site_slug, ''), 'subject', TG_TABLE_NAME, 'action', lower(TG_OP),
    'before', coalesce(was::text, ''), 'after', coalesce(becomes::text, ''));
  INSERT INTO audit (sequence, site_id, hashed, previous_hash, hash)
  VALUES (last_sequence + 1, of_site, entry, last_hash,
          sha256(convert_to(encode(last_hash, 'hex') || entry, 'UTF8')));
  RETURN NULL;
END
$$;

-- What people decide. Rows that records write, or that change with every call, name the columns that people alone set.
DO $$
DECLARE
  decided text;
BEGIN
  FOREACH decided IN ARRAY ARRAY['site', 'bearing', 'asset', 'point', 'point_limits', 'model_version', 'model_activation',
                                 'retention_policy', 'schedule', 'maintenance', 'access_key', 'quota'] LOOP
    EXECUTE format('CREATE CONSTRAINT TRIGGER audit_rows AFTER INSERT OR DELETE ON %I DEFERRABLE INITIALLY DEFERRED'
                   ' FOR EACH ROW EXECUTE FUNCTION audit_change()', decided);
  END LOOP;
  FOREACH decided IN ARRAY ARRAY['site', 'bearing', 'asset', 'point', 'point_limits', 'model_version', 'model_activation',
                                 'retention_policy', 'maintenance', 'quota'] LOOP
    EXECUTE format('CREATE CONSTRAINT TRIGGER audit_changes AFTER UPDATE ON %I DEFERRABLE INITIALLY DEFERRED'
                   ' FOR EACH ROW WHEN (OLD IS DISTINCT FROM NEW) EXECUTE FUNCTION audit_change()', decided);
  END LOOP;
END
$$;
CREATE CONSTRAINT TRIGGER audit_changes AFTER UPDATE OF description, grants, secret_hash, certificate, creator, expire_time,
  revoke_time ON access_key DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (OLD IS DISTINCT FROM NEW)
EXECUTE FUNCTION audit_change();
CREATE CONSTRAINT TRIGGER audit_changes AFTER UPDATE OF slug, definition ON schedule DEFERRABLE INITIALLY DEFERRED
FOR EACH ROW WHEN (OLD IS DISTINCT FROM NEW) EXECUTE FUNCTION audit_change();
CREATE CONSTRAINT TRIGGER audit_changes
AFTER UPDATE OF acknowledged_at, acknowledged_by, assignee, finding, found_fault, finding_text, work_order ON alarm
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
WHEN ((OLD.acknowledged_at, OLD.acknowledged_by, OLD.assignee, OLD.shelved_until, OLD.finding, OLD.found_fault,
       OLD.finding_text, OLD.work_order, OLD.closed_at) IS DISTINCT FROM
      (NEW.acknowledged_at, NEW.acknowledged_by, NEW.assignee, NEW.shelved_until, NEW.finding, NEW.found_fault,
       NEW.finding_text, NEW.work_order, NEW.closed_at))
EXECUTE FUNCTION audit_change('alarm_id', 'asset_id', 'site_id', 'summary', 'acknowledged_at', 'acknowledged_by',
  'assignee', 'shelved_until', 'finding', 'found_fault', 'finding_text', 'work_order', 'closed_at');
-- A baseline that is asked for, or that work on the machine makes necessary.
CREATE CONSTRAINT TRIGGER audit_changes AFTER UPDATE OF learn_since ON point_state DEFERRABLE INITIALLY DEFERRED
FOR EACH ROW WHEN (OLD.learn_since IS DISTINCT FROM NEW.learn_since)
EXECUTE FUNCTION audit_change('asset_id', 'point_id', 'site_id', 'learn_since');
CREATE CONSTRAINT TRIGGER audit_changes AFTER UPDATE OF learn_since ON process_state DEFERRABLE INITIALLY DEFERRED
FOR EACH ROW WHEN (OLD.learn_since IS DISTINCT FROM NEW.learn_since)
EXECUTE FUNCTION audit_change('asset_id', 'site_id', 'learn_since');
-- Other scores count from now on.
CREATE CONSTRAINT TRIGGER audit_changes AFTER UPDATE OF adopt_time ON rescore DEFERRABLE INITIALLY DEFERRED
FOR EACH ROW WHEN (OLD.adopt_time IS DISTINCT FROM NEW.adopt_time) EXECUTE FUNCTION audit_change();

-- Who makes partitions, or writes the log, does it as the owner, and finds the names of this schema alone.
DO $$
BEGIN
  EXECUTE format('ALTER FUNCTION make_partition(text, timestamptz) SECURITY DEFINER SET search_path = %I, pg_temp',
                 current_schema());
  EXECUTE format('ALTER FUNCTION audit_change() SET search_path = %I, pg_temp', current_schema());
END
$$;
REVOKE EXECUTE ON FUNCTION make_partition(text, timestamptz) FROM PUBLIC;
REVOKE EXECUTE ON FUNCTION drop_partitions(text, timestamptz, boolean) FROM PUBLIC;
REVOKE EXECUTE ON FUNCTION delete_expired(text, text, integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION make_partition(text, timestamptz) TO auscult_call;

-- Every table of a site shows the sites of the call. The sub-select is evaluated once for a query, not for every row.
-- Partitions show nothing by themselves.
DO $$
DECLARE
  guarded regclass;
BEGIN
  FOR guarded IN SELECT pg_class.oid FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid AND attname = 'site_id'
                 WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p') AND NOT attisdropped LOOP
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', guarded);
    CONTINUE WHEN (SELECT relispartition FROM pg_class WHERE oid = guarded);
    EXECUTE format('CREATE POLICY call_sites ON %s TO auscult_call USING (site_id = ANY ((SELECT call_sites())::bigint[]))',
                   guarded);
    IF guarded <> 'audit'::regclass THEN
      EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %s TO auscult_call', guarded);
    END IF;
  END LOOP;
END
$$;
GRANT SELECT ON audit TO auscult_call;
-- Of no site: models for all, and long work, which belongs to whom its call allowed it.
GRANT SELECT ON model_version, model_activation TO auscult_call;
GRANT SELECT, INSERT, UPDATE, DELETE ON operation, rescore TO auscult_call;
-- What a site inherits.
CREATE POLICY plant ON retention_policy FOR SELECT TO auscult_call USING (site_id = 0);
ALTER TABLE quota ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY call_sites ON quota TO auscult_call USING (name IN (SELECT 'sites/' || slug || '/quota' FROM site));
GRANT SELECT, INSERT, UPDATE, DELETE ON quota TO auscult_call;
ALTER TABLE access_key ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
