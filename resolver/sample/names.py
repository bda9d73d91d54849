"""Names, places and habits of six countries, the frequent ones first. Own lists."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Country:
    """What people of a country are called and how they write. Lists run from frequent to rare.

    `dial` is the country calling code, `trunk` what stands before a national number, `mobiles` how
    mobile numbers begin before their last seven digits.
    """

    code: str
    weight: int
    dial: str
    trunk: str
    mobiles: tuple[str, ...]
    women: tuple[str, ...]
    men: tuple[str, ...]
    families: tuple[str, ...]
    streets: tuple[str, ...]
    cities: tuple[str, ...]
    postcode: str
    domains: tuple[str, ...]


def _list(text: str) -> tuple[str, ...]:
    return tuple(word.replace("_", " ") for word in text.split())


COUNTRIES = (
    Country(
        "NL",
        40,
        "31",
        "0",
        ("61", "62", "63", "64", "65", "68"),
        _list(
            "Sanne Anna Maria Lisa Eva Sophie Emma Julia Lotte Femke Marieke Esther Iris Anouk Fleur Roos "
            "Noor Tess Hanneke Wilma Ingrid Ilse Joke Saskia Fatima Naomi"
        ),
        _list(
            "Jan Daan Sem Pieter Johannes Thomas Lucas Bram Tim Jeroen Ruben Joris Mark Koen Bas Willem "
            "Henk Cornelis Sander Niels Mohammed Gijs Wouter Maarten Teun Rik"
        ),
        _list(
            "de_Jong Jansen de_Vries van_den_Berg Bakker van_Dijk Visser Smit Meijer de_Boer Mulder "
            "de_Groot Bos Vos Peters Hendriks van_Leeuwen Dekker Brouwer de_Wit Dijkstra Kok Jacobs "
            "van_der_Meer Vermeulen Schouten van_der_Heijden Postma Kuipers Veenstra El_Idrissi Yilmaz"
        ),
        _list(
            "Kerkstraat Dorpsstraat Molenweg Julianastraat Schoolstraat Beukenlaan Eikenlaan Stationsweg "
            "Wilhelminastraat Parklaan Havenstraat Nieuwstraat"
        ),
        _list(
            "Amsterdam Rotterdam Utrecht Eindhoven Groningen Tilburg Breda Nijmegen Haarlem Arnhem Zwolle "
            "Leiden"
        ),
        "#### @@",
        ("gmail.com", "hotmail.com", "ziggo.nl", "kpnmail.nl", "outlook.com", "live.nl"),
    ),
    Country(
        "DE",
        15,
        "49",
        "0",
        ("1511", "1601", "1711"),
        _list(
            "Anna Maria Julia Laura Lena Katharina Sabine Petra Monika Claudia Susanne Heike Lea Hannah "
            "Greta Ursula Birgit Franziska Jana Svenja"
        ),
        _list(
            "Michael Thomas Andreas Stefan Christian Peter Lukas Jonas Felix Maximilian Paul Jürgen "
            "Wolfgang Uwe Tobias Matthias Sebastian Jan Florian Moritz"
        ),
        _list(
            "Müller Schmidt Schneider Fischer Weber Meyer Wagner Becker Schulz Hoffmann Koch Bauer "
            "Richter Klein Wolf Schröder Neumann Schwarz Zimmermann Braun Krüger Hofmann Lange Kaiser "
            "Vogel Jäger"
        ),
        _list(
            "Hauptstraße Schulstraße Gartenstraße Bahnhofstraße Bergstraße Lindenweg Goethestraße Ringstraße"
        ),
        _list("Berlin Hamburg München Köln Frankfurt Stuttgart Leipzig Dresden Bremen Hannover"),
        "#####",
        ("gmx.de", "web.de", "gmail.com", "t-online.de", "outlook.de"),
    ),
    Country(
        "GB",
        15,
        "44",
        "0",
        ("739", "719", "729"),
        _list(
            "Olivia Amelia Sarah Emma Charlotte Grace Emily Sophie Jessica Lucy Victoria Elizabeth "
            "Margaret Susan Chloe Hannah Zara Priya Fiona Gemma"
        ),
        _list(
            "James Oliver William George Harry Jack Thomas David Robert Andrew Daniel Matthew Stephen "
            "Callum Liam Mohammed Edward Graham Owen Rhys"
        ),
        _list(
            "Smith Jones Taylor Brown Williams Wilson Johnson Davies Robinson Wright Thompson Evans "
            "Walker White Roberts Green Hall Wood Jackson Clarke Patel Khan Hughes Campbell Murray "
            "O'Brien"
        ),
        (
            "High Street",
            "Station Road",
            "Church Lane",
            "Victoria Road",
            "Mill Lane",
            "Park Avenue",
            "Manor Road",
        ),
        _list("London Manchester Leeds Bristol Liverpool Sheffield Glasgow Edinburgh Cardiff York"),
        "@@# #@@",
        ("gmail.com", "hotmail.co.uk", "btinternet.com", "yahoo.co.uk", "outlook.com"),
    ),
    Country(
        "US",
        12,
        "1",
        "",
        ("212", "206", "312", "415", "617"),
        _list(
            "Mary Jennifer Linda Patricia Jessica Ashley Emily Megan Amanda Melissa Nicole Rebecca "
            "Katherine Stephanie Maria Aaliyah Brooke Hailey Destiny Paige"
        ),
        _list(
            "James John Robert Michael William David Joseph Christopher Daniel Matthew Anthony Joshua "
            "Ryan Tyler Brandon Jose Kevin Travis Dustin Marcus"
        ),
        _list(
            "Smith Johnson Williams Brown Jones Garcia Miller Davis Rodriguez Martinez Hernandez Lopez "
            "Wilson Anderson Thomas Taylor Moore Jackson Lee Nguyen Harris Clark Ramirez Young Kowalski "
            "Reed"
        ),
        (
            "Main Street",
            "Oak Avenue",
            "Maple Drive",
            "Cedar Lane",
            "Washington Street",
            "Lake Road",
            "Hill Street",
        ),
        _list("Chicago Seattle Boston Denver Austin Portland Atlanta Miami Phoenix Columbus"),
        "#####",
        ("gmail.com", "yahoo.com", "icloud.com", "aol.com", "comcast.net"),
    ),
    Country(
        "ES",
        9,
        "34",
        "",
        ("61", "62", "65"),
        _list(
            "María Carmen Ana Isabel Laura Cristina Marta Lucía Sara Paula Elena Raquel Pilar Rosa "
            "Beatriz Nuria"
        ),
        _list(
            "Antonio José Manuel Francisco David Juan Javier Daniel Carlos Alejandro Miguel Pablo Sergio "
            "Luis Álvaro Iván"
        ),
        _list(
            "García_López Fernández_Ruiz González_Pérez Rodríguez_Gil López_Martín Martínez_Sanz "
            "Sánchez_Díaz Pérez_Romero Gómez_Serrano Martín_Vega Jiménez_Ortiz Ruiz_Molina Hernández_Soto "
            "Díaz_Navarro Moreno_Castro Álvarez_Ramos"
        ),
        (
            "Calle Mayor",
            "Calle Real",
            "Avenida de la Constitución",
            "Calle del Sol",
            "Plaza Nueva",
            "Calle Ancha",
        ),
        _list("Madrid Barcelona Valencia Sevilla Zaragoza Málaga Bilbao Granada"),
        "#####",
        ("gmail.com", "hotmail.es", "yahoo.es", "telefonica.net"),
    ),
    Country(
        "FR",
        9,
        "33",
        "0",
        ("61", "62", "66"),
        _list(
            "Marie Camille Léa Manon Chloé Julie Sophie Nathalie Isabelle Céline Aurélie Émilie Françoise "
            "Margaux Inès Hélène"
        ),
        _list(
            "Jean Pierre Michel Nicolas Julien Thomas Antoine Lucas Hugo Louis François Philippe Mathieu "
            "Benoît Rémi Théo"
        ),
        _list(
            "Martin Bernard Thomas Petit Robert Richard Durand Dubois Moreau Laurent Simon Michel Lefèvre "
            "Leroy Roux David Bertrand Morel Fournier Girard Bonnet Dupont"
        ),
        ("Rue de la Paix", "Rue Victor Hugo", "Avenue de la Gare", "Rue des Écoles", "Place de l'Église"),
        _list("Paris Lyon Marseille Toulouse Nantes Lille Bordeaux Rennes"),
        "#####",
        ("gmail.com", "orange.fr", "free.fr", "laposte.net", "wanadoo.fr"),
    ),
)

NICKNAMES = {
    "Johannes": "Hans",
    "Cornelis": "Kees",
    "Pieter": "Piet",
    "Willem": "Wim",
    "Maria": "Mia",
    "Hanneke": "Han",
    "Katharina": "Kathi",
    "Michael": "Michi",
    "Maximilian": "Max",
    "Sebastian": "Basti",
    "Franziska": "Franzi",
    "William": "Bill",
    "Robert": "Bob",
    "Elizabeth": "Liz",
    "Margaret": "Peggy",
    "James": "Jim",
    "Andrew": "Andy",
    "Thomas": "Tom",
    "Matthew": "Matt",
    "Daniel": "Dan",
    "Joshua": "Josh",
    "Christopher": "Chris",
    "Edward": "Ted",
    "Jennifer": "Jenny",
    "Rebecca": "Becky",
    "Katherine": "Kate",
    "Patricia": "Pat",
    "Joseph": "Joe",
    "Francisco": "Paco",
    "José": "Pepe",
    "Manuel": "Manolo",
    "Isabel": "Isa",
    "Alejandro": "Álex",
    "Nicolas": "Nico",
    "Philippe": "Phil",
    "Isabelle": "Isa",
    "Antoine": "Toine",
    "Victoria": "Vicky",
}
"""What some people are called by those who know them."""
