"""The new totals begin with what the day totals hold already."""

from django.db import migrations

FIGURES = ["calls", "errors", "latency_sum_us", "request_bytes", "answer_bytes", *(f"slot_{n}" for n in range(37))]
GRAINS = {
    "usage_dayendpointtotal": ["tenant_id", "api", "operation", "environment", "day"],
    "usage_monthtotal": ["tenant_id", "app_id", "api", "operation", "environment", "month"],
    "usage_monthapptotal": ["tenant_id", "app_id", "environment", "month"],
    "usage_monthendpointtotal": ["tenant_id", "api", "operation", "environment", "month"],
}


def fill(apps, schema_editor):
    is_postgres = schema_editor.connection.vendor == "postgresql"
    month = "CAST(date_trunc('month', day) AS date)" if is_postgres else "date(day, 'start of month')"
    sums = ", ".join(f"SUM({name})" for name in FIGURES)
    for table, key in GRAINS.items():
        columns = ", ".join([*key, *FIGURES])
        chosen = ", ".join([month if name == "month" else name for name in key])
        places = ", ".join(str(number) for number in range(1, len(key) + 1))
        schema_editor.execute(
            f"INSERT INTO {table} ({columns}) SELECT {chosen}, {sums} FROM usage_daytotal GROUP BY {places}"  # noqa: S608
        )


class Migration(migrations.Migration):
    dependencies = [("usage", "0003_alerts")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
