"""The `kodomo` command: a synthetic city, a night, a month, explanations, then and now, the whole demonstration."""

from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal

import typer
from rich.console import Console
from sqlalchemy.exc import SQLAlchemyError
from typer.core import TyperGroup

from assets.calendar import key_of, keys_between, month_of
from assets.months import last_day
from resources.home import home
from resources.trouble import Trouble, trouble_of
from schemas.errors import CityError

console = Console(stderr=True)


class Told(TyperGroup):
    """Commands that end in one sentence: exit code 1 where something is wrong with a file, the law or the money, and 3
    where it is the machine."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except CityError as error:
            refusal = error
        except (OSError, SQLAlchemyError) as error:
            refusal = trouble_of(error)
        console.print(str(refusal), style="bold red", highlight=False, markup=False, soft_wrap=True)
        raise typer.Exit(3 if isinstance(refusal, Trouble) else 1)


class Explained(TyperGroup):
    """`explain NUMBER` means `explain decision NUMBER`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        named = not args or args[0].startswith("-") or args[0] in self.commands
        return super().parse_args(ctx, args if named else ["decision", *args])


app = typer.Typer(cls=Told, no_args_is_help=True, pretty_exceptions_show_locals=False, help="川口市 子ども医療費")

Day = Annotated[str, typer.Option(help="YYYY-MM-DD")]
Month = Annotated[str, typer.Option(help="YYYY-MM")]
Form = Literal["text", "html", "json"]


def _month(text: str) -> date:
    try:
        return month_of(text)
    except ValueError:
        raise typer.BadParameter("月は YYYY-MM で指定してください") from None


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter("日は YYYY-MM-DD で指定してください") from None


@app.command()
def city(
    directory: Path,
    children: Annotated[int, typer.Option(min=1, max=799_999, help="子どもの数")] = 5_000,
    first: Annotated[str, typer.Option("--from", help="最初の月 YYYY-MM")] = "2026-10",
    last: Annotated[str, typer.Option("--to", help="最後の月 YYYY-MM")] = "2026-10",
    seed: int = 1,
    defects: Annotated[float, typer.Option(min=0.0, max=0.2, help="誤りを入れる行の割合")] = 0.0,
    municipality: str = "112038",
    uke: Annotated[bool, typer.Option("--uke", help="支払基金のレセプトをUKEファイルで届ける")] = False,
) -> None:
    """合成の市を作る(同じ種からは同じファイル)."""
    from pipelines.city.city import generate

    months = _month(first), _month(last)
    if months[1] < months[0]:
        raise typer.BadParameter("--to は --from 以降の月を指定してください")
    summary = generate(
        directory,
        municipality=municipality,
        children=children,
        first=months[0],
        last=months[1],
        seed=seed,
        defects=defects,
        uke=uke,
    )
    console.print(summary)


@app.command()
def nightly(date_: Annotated[str, typer.Option("--date", help="YYYY-MM-DD")], until: str = "") -> None:
    """その日(から --until まで)の納品を取り込む."""
    from pipelines.runs import run_all

    keys = keys_between(_day(date_), _day(until or date_))
    if not keys:
        raise typer.BadParameter("--until は --date 以降の日を指定してください")
    raise typer.Exit(run_all("nightly", keys, console).exit)


@app.command()
def monthly(month: Month) -> None:
    """その月を決定し、振込データ・通知・報告を作る."""
    from pipelines.runs import run_all

    _month(month)
    raise typer.Exit(run_all("monthly", [month], console).exit)


@app.command()
def drift(
    month: Month,
    person: Annotated[str, typer.Option(help="認める人。なければ見るだけ")] = "",
    why: Annotated[str, typer.Option(help="認める理由")] = "",
) -> None:
    """個人住民税の納品が、前の納品から大きく動いたところを見る。理由を添えて認めると、その月の処理が進む."""
    from pipelines.drift import accepted_text

    if bool(person) != bool(why):
        raise typer.BadParameter("認めるには --person と --why の両方を指定してください")
    typer.echo(accepted_text(month, _month(month), person, why), nl=False)


explain = typer.Typer(cls=Explained, no_args_is_help=True, help="なぜその決定になったかを示す")
app.add_typer(explain, name="explain")


@explain.command()
def decision(number: str, form: Annotated[Form, typer.Option("--format")] = "text") -> None:
    """判定1件の「なぜこの額か」を示す."""
    from pipelines.explain import explained

    typer.echo(explained(number, form))


@explain.command()
def child(
    number: Annotated[str, typer.Argument(help="子どもの宛名番号")],
    on: Annotated[str, typer.Option(help="調べる日 YYYY-MM-DD")],
    known: Annotated[str, typer.Option(help="この日までに知っていたことによる YYYY-MM-DD")] = "",
    form: Annotated[Form, typer.Option("--format")] = "text",
) -> None:
    """子ども1人のある日の資格と、その理由、結果が変わるために要る事実を示す."""
    from pipelines.explain_child import child_explained

    typer.echo(child_explained(number, _day(on), _day(known) if known else None, form))


@app.command()
def replay(
    known: Annotated[
        str, typer.Option(help="この日(子どもを指定しないときは月の末日)に知っていたことで YYYY-MM-DD")
    ] = "",
    month: Annotated[str, typer.Option(help="--known の代わりに、決定した月 YYYY-MM")] = "",
    child: Annotated[str, typer.Option(help="子どもの宛名番号。なければ月の全員")] = "",
    generation: Annotated[int, typer.Option(min=0, help="月の決定の世代。0は今の世代")] = 0,
) -> None:
    """過去の資格を、当時知っていたことと当時の法で作り直す(月は、当時の決定と1行ずつ比べる)."""
    from pipelines.replay import intervals_text, replayed_child, replayed_month
    from resources.house import House

    if child:
        if not known:
            raise typer.BadParameter("--child には --known を指定してください")
        typer.echo(intervals_text(replayed_child(House(), child, _day(known))), nl=False)
        return
    again = replayed_month(House(), key_of(_month_asked(known, month)), generation or None)
    typer.echo(again.sentence())
    raise typer.Exit(0 if again.same else 1)


def _month_asked(known: str, month: str) -> date:
    if bool(known) == bool(month):
        raise typer.BadParameter("--known か --month のどちらか一方を指定してください")
    first = _month(month) if month else _day(known).replace(day=1)
    if known and _day(known) != last_day(first):
        raise typer.BadParameter("子どもを指定しないときの --known は月の末日です")
    return first


@app.command()
def diff(
    then: Annotated[str, typer.Option(help="前の日 YYYY-MM-DD")],
    now: Annotated[str, typer.Option(help="後の日 YYYY-MM-DD")],
    child: Annotated[str, typer.Option(help="子どもの宛名番号。なければ全員の数")] = "",
) -> None:
    """2つの日に知っていたことによる資格の違いを、遅れて届いた事実・法の改正・強制修正に分ける."""
    from pipelines.moments import moment
    from pipelines.replay import differences
    from reports.explain.changes import changes_text, counts_text
    from resources.house import House

    if _day(now) < _day(then):
        raise typer.BadParameter("--now は --then 以降の日を指定してください")
    house = House()
    found = differences(moment(house, _day(then)), moment(house, _day(now)), child or None)
    typer.echo((changes_text if child else counts_text)(found), nl=False)


@app.command()
def annex1(
    on: Annotated[str, typer.Option(help="台帳を見る日 YYYY-MM-DD")],
    known: Annotated[str, typer.Option(help="この日までに知っていたことによる YYYY-MM-DD")] = "",
) -> None:
    """別添1の158項目を、ある日の姿で書き出す."""
    from pipelines.annex1 import written
    from resources.house import House

    sent, children = written(House(), _day(on), _day(known) if known else None)
    typer.echo(f"別添1 {children:,}人: {sent.path}")


batch = typer.Typer(cls=Told, no_args_is_help=True, help="振込データを承認し、確定し、金融機関に引き渡す")
app.add_typer(batch, name="batch")
Person = Annotated[str, typer.Option("--person", help="操作する人")]
Number = Annotated[str, typer.Argument(help="振込データの番号")]


@batch.command("list")
def batch_list() -> None:
    """振込データの一覧と状態を示す."""
    from pipelines.batch import listed
    from resources.house import House

    typer.echo(listed(House()), nl=False)


@batch.command("show")
def batch_show(number: Number) -> None:
    """振込データ1件の内容と、だれがいつ何をしたかを示す."""
    from pipelines.batch import shown
    from resources.house import House

    typer.echo(shown(House(), number), nl=False)


@batch.command("approve")
def batch_approve(number: Number, person: Person) -> None:
    """件数・合計・内容を承認する(作成した人にはできない)."""
    from pipelines.batch import approved
    from resources.house import House

    typer.echo(approved(House(), number, person))


@batch.command("seal")
def batch_seal(number: Number, person: Person) -> None:
    """承認した内容のファイルを確定する."""
    from pipelines.batch import sealed
    from resources.house import House

    typer.echo(sealed(House(), number, person))


@batch.command("release")
def batch_release(
    number: Number,
    person: Person,
    recipient: Annotated[str, typer.Option(help="金融機関の公開鍵 age1…")],
) -> None:
    """金融機関の鍵で暗号化し、一度だけ引き渡す(承認した人にはできない)."""
    from pipelines.batch import released
    from resources.house import House

    typer.echo(released(House(), number, person, recipient))


@batch.command("erase")
def batch_erase(number: Number, person: Person) -> None:
    """引き渡した振込データの平文を消し、消したことを記録する."""
    from pipelines.batch import erased
    from resources.house import House

    typer.echo(erased(House(), number, person))


@batch.command("withdraw")
def batch_withdraw(
    number: Number, person: Person, reason: Annotated[str, typer.Option(help="取り下げる理由")]
) -> None:  # fmt: skip
    """確定していない振込データを取り下げ、その支払を別の振込データに入れられるようにする."""
    from pipelines.batch import withdrawn
    from resources.house import House

    typer.echo(withdrawn(House(), number, person, reason))


payee = typer.Typer(cls=Told, no_args_is_help=True, help="点検で止まった受取人を、二人で確かめて通す")
app.add_typer(payee, name="payee")
PaymentNumber = Annotated[str, typer.Argument(help="支払番号")]


@payee.command("accept")
def payee_accept(
    number: PaymentNumber,
    person: Person,
    why: Annotated[str, typer.Option(help="通す理由(例: 改姓前の名義)")],
    evidence: Annotated[str, typer.Option(help="確かめた書類")],
) -> None:
    """受取人の口座と名義人を、理由と証拠を添えて認める(もう一人の確認で通る)."""
    from pipelines.payee import accepted
    from resources.house import House

    typer.echo(accepted(House(), number, person, why, evidence))


@payee.command("confirm")
def payee_confirm(number: PaymentNumber, person: Person) -> None:
    """認められた受取人を確認する(認めた人にはできない)."""
    from pipelines.payee import confirmed
    from resources.house import House

    typer.echo(confirmed(House(), number, person))


@payee.command("list")
def payee_list() -> None:
    """認めた受取人と、誰が認め誰が確認したかを示す."""
    from pipelines.payee import listed
    from resources.house import House

    typer.echo(listed(House()), nl=False)


database = typer.Typer(cls=Told, no_args_is_help=True, help="データベースの版と、PostgreSQL の役割")
app.add_typer(database, name="database")


@database.command("show")
def database_show() -> None:
    """データベースの版を示す."""
    from pipelines.database import shown
    from resources.house import House

    typer.echo(shown(House()))


@database.command("upgrade")
def database_upgrade() -> None:
    """データベースを最新の版に上げる(控えを先に取ること)."""
    from pipelines.database import upgraded
    from resources.house import House

    typer.echo(upgraded(House()))


@database.command("roles")
def database_roles(
    apply: Annotated[bool, typer.Option("--apply", help="表示せず、所有者として実行する")] = False,
) -> None:
    """PostgreSQL の4つの役割とその権限を示す。--apply で定める(何度でもよい)."""
    from pipelines.database import roles, roles_applied
    from resources.house import House

    typer.echo(roles_applied(House()) if apply else roles(), nl=apply)


@database.command("login")
def database_login(login: Annotated[str, typer.Argument(help="データベース利用者")], person: Person) -> None:
    """データベース利用者がだれであるかを、所有者として登録する."""
    from pipelines.database import login_named
    from resources.house import House

    typer.echo(login_named(House(), login, person))


@app.command()
def alarms(on: Annotated[str, typer.Option(help="調べる日 YYYY-MM-DD")]) -> None:
    """期限が迫っても動いていない支払を示す(あれば終了コード1)."""
    from pipelines.alarms import alarms as found_on
    from resources.house import House

    found = found_on(House(), _day(on))
    for sentence in found:
        typer.echo(sentence)
    raise typer.Exit(1 if found else 0)


@app.command()
def verify(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="照合証明書のファイル")],
    key: Annotated[str, typer.Option(help="公開鍵(64桁の16進数)。なければファイルの中の鍵")] = "",
) -> None:
    """照合証明書の署名を確かめ、すべての等式を足し直す(発行した市の鍵かどうかは --key で確かめる)."""
    from reports.certificate.signed import lines, verified

    found = verified(file.read_bytes(), key or None)
    typer.echo("\n".join(lines(found)))
    if not key:
        console.print("公開鍵を指定していないので、誰が署名したかは確かめていません。")


@app.command("public-key")
def public_key(every: Annotated[bool, typer.Option("--all", help="前の鍵も、新しい順に示す")] = False) -> None:
    """照合証明書の署名を確かめるための公開鍵を示す."""
    from reports.certificate.signed import public_text
    from resources.house import House

    keys = House().signing_keys
    typer.echo("\n".join(public_text(key.public_key()) for key in (keys if every else keys[:1])))


@app.command()
def demo(children: int = 5_000, month: Month = "2026-10", seed: int = 1) -> None:
    """合成の市の1か月を、取込から振込データまで通す."""
    from pipelines.demo import demonstrate

    first = _month(month)
    raise typer.Exit(demonstrate(home(), children, first, last_day(first), seed, console))


@app.command()
def docs(folder: Path = Path("docs")) -> None:
    """データ辞書と法の頁を作り直す."""
    from pipelines.docs import write

    write(folder)
