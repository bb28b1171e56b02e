"""Exports in German, French and Spanish: their headers, words, dates and amounts are known."""

import pytest

from notyet.deals.models import Deal
from notyet.exchange.aliases import ALIASES, CLOSED_FLAGS, OUTCOME_HEADERS, STAGE_HEADERS, WON_FLAGS
from notyet.exchange.guess_outcome import outcome_of
from notyet.exchange.profile import plain_words
from tests.exchange.conftest import Bring, Write

EXPORTS = {
    "german": (
        "Angebots-Nr.;Firma;Projektname;Verkäufer;Auftragswert (€);Ausgang;Grund;angelegt am;Abschlussdatum;"
        "Wettbewerber;Leadquelle;Produkt;Branche",
        "{n};Müller {n};Umbau;Ada;1.200,50 €;{o};{r};{d:02d}.01.2025;{d:02d}.02.2025;Falk;Messe;Halle;Bau",
        ("Auftrag erhalten", "Absage", "in Verhandlung"),
        "Branche",
    ),
    "french": (
        "N° d'affaire;Société;Nom de l'opportunité;Commercial;Montant HT;Statut;Motif de perte;Créé le;"
        "Date de clôture;Concurrent;Origine;Produit;Secteur",
        "{n};Müller {n};Umbau;Ada;1 200,50 €;{o};{r};{d:02d}/01/2025;{d:02d}/02/2025;Falk;Messe;Halle;Bau",
        ("Gagnée", "Perdue", "En cours"),
        "Secteur",
    ),
    "spanish": (
        "Número;Nombre de la cuenta;Oportunidad;Vendedor;Importe;Etapa;Motivo de pérdida;Fecha de creación;"
        "Fecha de cierre;Competidor;Origen;Producto;Sector",
        "{n};Müller {n};Umbau;Ada;1.200,50 €;{o};{r};{d:02d}/01/2025;{d:02d}/02/2025;Falk;Messe;Halle;Bau",
        ("Cerrada ganada", "Cerrada perdida", "Negociación"),
        "Sector",
    ),
    "without accents": (
        "NUMERO;SOCIETE;INTITULE;VENDEUR;MONTANT;RESULTAT;MOTIF;DATE_CREATION;DATE_CLOTURE;CONCURRENT;ORIGINE;PRODUIT;X",
        "{n};Müller {n};Umbau;Ada;1200,50;{o};{r};{d:02d}/01/2025;{d:02d}/02/2025;Falk;Messe;Halle;Bau",
        ("Gagné", "Perdu", "En cours"),
        "X",
    ),
}


@pytest.mark.django_db
@pytest.mark.parametrize("language", EXPORTS)
def test_exports(write: Write, bring: Bring, language: str) -> None:
    """Every usual column is found, and what is none stays the deal's own."""
    header, row, (won, lost, still), own = EXPORTS[language]
    ends = [(won, ""), (lost, "Preis"), (still, "")]
    rows = [row.format(n=n, d=n % 28 + 1, o=ends[n % 3][0], r=ends[n % 3][1]) for n in range(30)]
    result = bring(write("export.csv", "\n".join([header, *rows]) + "\n"))
    assert (result.exit_code, result.outcomes) == (0, {"open": 10, "won": 10, "lost": 10})
    deal = Deal.objects.select_related("account").get(deal_id="13")
    assert deal.account is not None
    assert (deal.account.name, deal.name, deal.owner, deal.loss_reason) == ("Müller 13", "Umbau", "Ada", "Preis")
    assert (float(deal.amount or 0), deal.competitor, deal.source, deal.product) == (1200.5, "Falk", "Messe", "Halle")
    assert deal.opened_at is not None and deal.closed_at is not None
    assert (f"{deal.opened_at:%m-%d}", f"{deal.closed_at:%m-%d}") == ("01-14", "02-14")
    assert deal.attributes == {own: "Bau"}


@pytest.mark.parametrize(
    ("words", "outcome"),
    [
        ("Zuschlag erhalten", "won"), ("Auftrag", "won"), ("Auftrag verloren", "lost"), ("kein Zuschlag", "lost"),
        ("nicht gewonnen", "lost"), ("storniert", "no_decision"), ("zurückgestellt", "no_decision"),
        ("nicht qualifiziert", "disqualified"), ("Angebot abgegeben", "open"), ("Perdues", "lost"),
        ("Sans suite", "no_decision"), ("Fermée gagnée", "won"), ("Non gagné", "lost"), ("Devis envoyé", "open"),
        ("Cancelada", "no_decision"), ("Rechazado", "lost"), ("No ganada", "lost"), ("Nuevo", "open"), ("Blau", None),
    ],
)  # fmt: skip
def test_words(words: str, outcome: str | None) -> None:
    """What they mean for a deal."""
    assert outcome_of(words) == outcome


def test_names_are_written_as_headers_are_read() -> None:
    """A name with an accent of its own, a capital or a sharp s would never be found; none is meant twice."""
    lists = [*ALIASES.values(), OUTCOME_HEADERS, STAGE_HEADERS, WON_FLAGS, CLOSED_FLAGS]
    assert [name for names in lists for name in names if plain_words(name) != name] == []
    assert [name for names in lists for name in set(names) if names.count(name) > 1] == []
