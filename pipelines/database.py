"""`kodomo database`: which revision stands, the newest one, the roles of PostgreSQL; one sentence per step.

Belongs here: the sentences. Does not belong here: the revisions (resources/schema.py), the rights
(resources/ledger_roles.py).
"""

from resources import ledger_roles, schema
from resources.house import House


def shown(house: House) -> str:
    """The revision that stands and the newest this program knows."""
    with house.engine.connect() as connection:
        standing = schema.standing(connection)
    newest = schema.revisions()[-1]
    told = "空" if standing is None else standing
    todo = "" if standing in (None, newest) else " kodomo database upgrade が必要です"
    return f"データベースの版 {told}(この版の kodomo は {newest}){todo}"


def upgraded(house: House) -> str:
    """Bring it to the newest revision."""
    return f"データベースは版 {schema.upgrade(house.engine)} です"


def roles() -> str:
    """What `--apply` runs."""
    return "".join(f"{statement};\n" for statement in ledger_roles.statements())


def roles_applied(house: House) -> str:
    """Make the roles and their rights."""
    ledger_roles.apply(house.engine)
    return f"役割 {'、'.join(ledger_roles.ROLES)} と、その権限を定めました"


def login_named(house: House, login: str, person: str) -> str:
    """Say which person a login is."""
    ledger_roles.name_login(house.engine, house.municipality, login, person)
    return f"データベース利用者 {login} を {person} として登録しました"
