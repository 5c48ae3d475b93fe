"""The second engine: eligibility and yen once more, in DuckDB SQL, without the Polars rules."""
