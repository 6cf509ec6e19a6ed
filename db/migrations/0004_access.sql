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
