"""PostgreSQL: each month's rows of the request log become a table of their own.

The key is a ULID, whose first ten letters are the time, so a month is a range of the key and the key alone
stays unique. What falls into no month's table waits in `usage_requestlog_rest`; usage.retention makes the
tables of the months to come.
"""

from datetime import UTC, datetime

from django.db import migrations

DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

PARTITION = """
ALTER TABLE usage_requestlog RENAME TO usage_requestlog_before;
CREATE TABLE usage_requestlog (
    event varchar(26) COLLATE "C" NOT NULL,
    at timestamptz NOT NULL,
    api varchar(60) NOT NULL,
    operation varchar(160) NOT NULL,
    environment varchar(10) NOT NULL,
    method varchar(10) NOT NULL,
    status smallint NOT NULL CHECK (status >= 0),
    latency_us integer NOT NULL,
    request_bytes bigint NOT NULL,
    answer_bytes bigint NOT NULL,
    request_id varchar(64) NOT NULL,
    app_id bigint NOT NULL,
    tenant_id bigint NOT NULL
) PARTITION BY RANGE (event);
CREATE TABLE usage_requestlog_rest PARTITION OF usage_requestlog DEFAULT;
{months}
INSERT INTO usage_requestlog
SELECT event, at, api, operation, environment, method, status, latency_us, request_bytes, answer_bytes,
       request_id, app_id, tenant_id
FROM usage_requestlog_before;
DROP TABLE usage_requestlog_before;
ALTER TABLE usage_requestlog ADD CONSTRAINT usage_requestlog_pkey PRIMARY KEY (event);
CREATE INDEX log_by_tenant_newest ON usage_requestlog (tenant_id, event DESC);
CREATE INDEX log_by_request_id ON usage_requestlog (tenant_id, request_id);
CREATE INDEX log_errors_newest ON usage_requestlog (tenant_id, event DESC) WHERE status >= 400;
"""


def month(number):
    """The first instant of a month counted from year 0."""
    return datetime(number // 12, number % 12 + 1, 1, tzinfo=UTC)


def lowest(at):
    milliseconds = int(at.timestamp() * 1000)
    return "".join(DIGITS[milliseconds >> shift & 31] for shift in range(45, -1, -5))


def partition(apps, schema_editor):
    if schema_editor.connection.vendor != "postgresql":
        return
    now = datetime.now(UTC)
    this = now.year * 12 + now.month - 1
    months = "\n".join(
        f"CREATE TABLE usage_requestlog_{month(number):%Y_%m} PARTITION OF usage_requestlog "
        f"FOR VALUES FROM ('{lowest(month(number))}') TO ('{lowest(month(number + 1))}');"
        for number in range(this - 1, this + 2)
    )
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(PARTITION.format(months=months))


class Migration(migrations.Migration):
    dependencies = [("usage", "0004_fill_coarser_totals")]
    operations = [migrations.RunPython(partition, migrations.RunPython.noop)]
