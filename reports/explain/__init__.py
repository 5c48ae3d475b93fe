"""Why a decision is what it is, as text and as HTML."""
