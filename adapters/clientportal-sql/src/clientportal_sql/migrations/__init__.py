"""The migrations, as Alembic finds them; `clientportal_sql.schema` runs them."""
