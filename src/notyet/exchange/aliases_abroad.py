"""How German, French and Spanish exports call the columns of a deal, the likeliest first."""

import unicodedata
from collections.abc import Iterable

_GERMAN = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue"})

COLUMNS: dict[str, tuple[str, ...]] = {
    "deal_id": (
        "verkaufschance id", "verkaufschancen id", "opportunity nummer", "datensatz id", "vorgangsnummer",
        "vorgangs nr", "vorgang nr", "vorgangs id", "deal nr", "chance nr", "angebotsnummer", "angebots nr",
        "angebotsnr", "projektnummer", "projekt nr", "auftragsnummer", "lfd nr", "kennung", "nummer", "nr",
        "id opportunité", "id de l opportunité", "numéro d opportunité", "id de la transaction",
        "id d enregistrement", "id affaire", "numéro d affaire", "n d affaire", "n affaire", "numéro de devis",
        "identifiant", "référence", "numéro",
        "id de oportunidad", "id de la oportunidad", "número de oportunidad", "id de negocio", "id del negocio",
        "id de registro", "identificador", "referencia", "número",
    ),
    "account": (
        "firma", "firmenname", "kunde", "kundenname", "unternehmen", "unternehmensname", "zugeordnetes unternehmen",
        "potenzieller kunde", "auftraggeber", "interessent", "accountname",
        "société", "nom de la société", "entreprise", "nom de l entreprise", "entreprise associée", "client",
        "nom du client", "compte", "nom du compte", "raison sociale",
        "empresa", "nombre de la empresa", "empresa asociada", "cliente", "nombre del cliente", "cuenta",
        "nombre de la cuenta", "compañía", "organización", "razón social",
    ),
    "name": (
        "name der opportunity", "opportunityname", "opportunity name", "name der verkaufschance", "verkaufschance",
        "bezeichnung", "titel", "betreff", "thema", "vorgang", "projekt", "projektname", "chance",
        "nom de l opportunité", "nom de la transaction", "nom de l affaire", "opportunité", "affaire", "intitulé",
        "titre", "objet", "nom",
        "nombre de la oportunidad", "nombre del negocio", "oportunidad", "negocio", "título", "asunto", "nombre",
    ),
    "owner": (
        "verkäufer", "verkäuferin", "vertriebsmitarbeiter", "vertriebler", "kundenbetreuer", "betreuer",
        "zuständiger mitarbeiter", "zuständig", "zuständiger", "verantwortlicher", "verantwortlich", "inhaber",
        "opportunity inhaber", "deal inhaber", "eigentümer", "besitzer", "bearbeiter", "sachbearbeiter",
        "vendeur", "commercial", "responsable commercial", "propriétaire", "propriétaire de l opportunité",
        "propriétaire de la transaction", "chargé d affaires", "assigné à", "attribué à", "responsable",
        "vendedor", "comercial", "propietario", "propietario de la oportunidad", "propietario del negocio",
        "ejecutivo de cuenta", "asignado a", "agente",
    ),
    "team": (
        "vertriebsteam", "verkaufsteam", "abteilung", "équipe", "équipe commerciale", "equipo", "equipo de ventas",
    ),
    "amount": (
        "auftragswert", "auftragsvolumen", "auftragssumme", "dealwert", "deal wert", "vertragswert", "angebotswert",
        "angebotssumme", "angebotsvolumen", "tatsächlicher umsatz", "erwarteter umsatz", "geschätzter umsatz",
        "nettobetrag", "netto betrag", "betrag netto", "betrag", "wert", "umsatz", "volumen", "summe", "preis",
        "auftragswert netto", "umsatz netto",
        "montant", "montant de la transaction", "montant ht", "valeur du contrat", "valeur de l affaire",
        "chiffre d affaires", "revenu attendu", "revenu estimé", "valeur", "prix",
        "importe", "importe del contrato", "valor del negocio", "valor del contrato", "ingresos reales",
        "ingresos esperados", "ingresos estimados", "monto", "valor", "precio",
    ),
    "currency": ("währung", "währungscode", "devise", "code devise", "monnaie", "moneda", "divisa"),
    "contract_term_months": (
        "laufzeit monate", "laufzeit in monaten", "vertragslaufzeit monate", "vertragslaufzeit in monaten",
        "durée mois", "durée en mois", "durée du contrat mois", "durée du contrat en mois",
        "duración meses", "duración en meses", "plazo en meses", "duración del contrato meses",
    ),
    "source": (
        "leadquelle", "lead quelle", "ursprüngliche quelle", "herkunft", "quelle", "kontaktquelle", "kanal",
        "source du prospect", "source de la piste", "origine de la piste", "origine", "provenance", "canal",
        "fuente de posible cliente", "origen del prospecto", "fuente original", "fuente", "origen",
    ),
    "campaign": (
        "kampagne", "kampagnenname", "campagne", "nom de la campagne", "campaña", "nombre de la campaña",
    ),
    "message": ("botschaft", "kernbotschaft", "mensaje"),
    "persona": ("rolle des käufers", "rolle des ansprechpartners", "rôle de l acheteur", "rol del comprador"),
    "segment": (
        "kundensegment", "marktsegment", "segment de clientèle", "segment de marché", "segmento",
        "segmento de mercado",
    ),
    "region": (
        "vertriebsgebiet", "vertriebsregion", "gebiet", "région", "territoire", "secteur géographique", "zone",
        "región", "territorio", "zona",
    ),
    "product": (
        "produkt", "produktname", "produkte", "artikel", "produit", "nom du produit", "produits", "producto",
        "nombre del producto", "productos",
    ),
    "competitor": (
        "wettbewerber", "mitbewerber", "hauptwettbewerber", "konkurrent", "konkurrenz", "wettbewerb", "concurrent",
        "concurrent principal", "concurrents", "competidor", "competidor principal", "competidores", "competencia",
    ),
    "opened_at": (
        "angelegt am", "angelegt", "anlagedatum", "erstellt am", "erstellt", "erstellungsdatum", "eröffnet am",
        "eröffnet", "eröffnungsdatum", "erfasst am", "erfasst", "erfassungsdatum", "anfragedatum", "anfrage vom",
        "anfrage am", "datum der anfrage", "angefragt am", "angefragt",
        "eingegangen am", "eingangsdatum", "startdatum", "beginn",
        "date de création", "date création", "créé le", "créée le", "date d ouverture", "ouvert le", "ouverte le",
        "date de la demande", "enregistré le", "date d entrée", "date de début",
        "fecha de creación", "fecha creación", "creado el", "creada el", "creado en", "fecha de apertura",
        "abierto el", "fecha de alta", "fecha de solicitud", "fecha de entrada", "fecha de inicio",
    ),
    "closed_at": (
        "tatsächliches abschlussdatum", "abgeschlossen am", "abgeschlossen", "abschlussdatum", "geschlossen am",
        "abschluss",
        "schlusstermin", "schlussdatum", "entschieden am", "entscheidungsdatum", "beendet am", "enddatum",
        "voraussichtliches abschlussdatum", "erwartetes abschlussdatum",
        "date de clôture", "date clôture", "clôturé le", "clôturée le", "date de fermeture", "fermé le",
        "date de conclusion", "date de décision", "date de signature", "date de fin",
        "fecha de cierre real", "fecha de cierre", "fecha cierre", "cerrado el", "cerrada el", "fecha de decisión",
        "fecha de firma", "fecha de fin", "fecha fin",
    ),
    "lost_to": (
        "verloren an", "verloren gegen", "gewonnen von", "perdu face à", "perdu contre", "perdue contre",
        "perdido contra", "perdido ante", "perdida ante",
    ),
    "ordered_at": (
        "auftragsdatum", "bestelldatum", "bestellt am", "beauftragt am", "auftragseingang", "date de commande",
        "commandé le", "fecha de pedido", "fecha del pedido",
    ),
    "paid_at": (
        "bezahlt am", "zahlungsdatum", "zahlungseingang", "zahlungseingang am", "payé le", "date de paiement",
        "date de règlement", "pagado el", "fecha de pago",
    ),
    "loss_reason": (
        "verlustgrund", "grund des verlusts", "grund für verlust", "grund für den verlust", "absagegrund",
        "grund der absage", "grund für absage", "ablehnungsgrund", "grund", "begründung",
        "motif de perte", "motif de la perte", "raison de la perte", "raison de perte", "motif de refus", "motif",
        "raison",
        "motivo de pérdida", "motivo de la pérdida", "razón de pérdida", "razón de la pérdida", "causa de pérdida",
        "motivo de rechazo", "motivo", "razón",
    ),
}  # fmt: skip
HOPED_FOR = (
    "abschlussdatum", "schlusstermin", "voraussichtliches abschlussdatum", "erwartetes abschlussdatum",
    "date de clôture", "fecha de cierre",
)  # fmt: skip
OUTCOMES = (
    "ausgang", "ergebnis", "resultat", "gewonnen verloren", "vertriebsstatus", "angebotsstatus", "dealstatus",
    "zustand", "résultat", "issue", "gagné perdu", "statut", "état", "resultado", "ganado perdido", "estado", "estatus",
    "situación",
)  # fmt: skip
STAGES = (
    "verkaufsphase", "vertriebsphase", "dealphase", "deal phase", "verkaufsstufe", "stufe", "phase de vente",
    "étape", "étape de vente", "étape de la transaction", "etapa", "etapa de ventas", "etapa del negocio",
    "etapa de la oportunidad", "fase",
)  # fmt: skip
WON = ("gewonnen", "ist gewonnen", "gagné", "gagnée", "est gagné", "ganado", "ganada")
CLOSED = ("geschlossen", "ist geschlossen", "abgeschlossen", "clôturé", "clôturée", "fermé", "cerrado", "cerrada")


def spelt(names: Iterable[str]) -> tuple[str, ...]:
    """Names, and after each the ways in which systems write it that know no accents."""
    return tuple(dict.fromkeys(way for name in names for way in (name, name.translate(_GERMAN), _bare(name))))


def _bare(name: str) -> str:
    return "".join(letter for letter in unicodedata.normalize("NFD", name) if not unicodedata.combining(letter))
