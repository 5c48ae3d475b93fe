"""Why a child was or was not entitled, what would change it, and how two decisions differ."""
