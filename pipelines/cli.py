"""The `kodomo` command: a synthetic city, a night, a month, an explanation, the whole demonstration."""

from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal

import typer
from rich.console import Console
from typer.core import TyperGroup

from assets.calendar import keys_between, last_day, month_of
from pipelines.city.city import generate
from resources.home import home
from schemas.errors import CityError

console = Console(stderr=True)


class Told(TyperGroup):
    """Commands that end in one sentence and exit code 1 where something is wrong with a file, the law or the money."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except CityError as error:
            sentence = str(error)
        console.print(sentence, style="bold red", highlight=False, markup=False, soft_wrap=True)
        raise typer.Exit(1)


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
) -> None:
    """合成の市を作る(同じ種からは同じファイル)."""
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
def explain(decision: str, form: Annotated[Form, typer.Option("--format")] = "text") -> None:
    """判定1件の「なぜこの額か」を示す."""
    from pipelines.explain import explained

    typer.echo(explained(decision, form))


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
