-- The role that Grafana reads with: the report views, nothing else. Once, as the owner of the database:
--   psql -h DATA_DIR/run -U auscult auscult -f deploy/grafana/reader.sql
-- then: ALTER ROLE grafana_reader PASSWORD '...';
CREATE ROLE grafana_reader LOGIN CONNECTION LIMIT 8;
ALTER ROLE grafana_reader SET default_transaction_read_only = on;
ALTER ROLE grafana_reader SET statement_timeout = '30s';
GRANT SELECT ON report_asset, report_point, report_trend, report_trend_hour, report_trend_day, report_reading, report_case,
  report_event TO grafana_reader;
