"""Names, towns, streets and mail hosts of six countries, and how they are drawn.

Lists are of general knowledge, the commonest first. A surname is drawn from the common ones or made of
a stem and an ending, since in every country most surnames are rare.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

COUNTRIES = ("US", "GB", "NL", "DE", "ES", "FR")

_COMMON_SHARE = 0.4
"""How many bear a surname of the list; the rest bear one made of stem and ending."""


@dataclass(frozen=True, slots=True)
class Country:
    """What a country's people are called and where they live. `women`, `men`, `families` commonest first.

    `towns` have the first part of their postcodes. `stems` and `endings` make rare surnames.
    """

    women: tuple[str, ...]
    men: tuple[str, ...]
    families: tuple[str, ...]
    stems: tuple[str, ...]
    endings: tuple[str, ...]
    towns: tuple[tuple[str, str], ...]
    streets: tuple[str, ...]
    hosts: tuple[str, ...]


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.replace("_", " ") for word in text.split())


def _towns(text: str) -> tuple[tuple[str, str], ...]:
    pairs = (town.split("=") for town in text.split())
    return tuple((name.replace("_", " "), code.replace("_", " ")) for name, code in pairs)


TABLES = {
    "US": Country(
        _words(
            "Mary Patricia Jennifer Linda Elizabeth Barbara Susan Jessica Sarah Karen Lisa Nancy Betty "
            "Sandra Margaret Ashley Kimberly Emily Donna Michelle Carol Amanda Melissa Deborah Stephanie "
            "Rebecca Sharon Laura Cynthia Dorothy Amy Kathleen Angela Shirley Emma Brenda Pamela Nicole "
            "Anna Samantha Katherine Christine Helen Debra Rachel Carolyn Janet Maria Olivia Heather "
            "Diane Julie Joyce Victoria Kelly Christina Joan Evelyn Lauren Judith Andrea Hannah Megan "
            "Cheryl Jacqueline Martha"
        ),
        _words(
            "James Robert John Michael David William Richard Joseph Thomas Christopher Charles Daniel "
            "Matthew Anthony Mark Donald Steven Andrew Paul Joshua Kenneth Kevin Brian George Timothy "
            "Ronald Jason Edward Jeffrey Ryan Jacob Gary Nicholas Eric Jonathan Stephen Larry Justin "
            "Scott Brandon Benjamin Samuel Gregory Alexander Patrick Frank Raymond Jack Dennis Jerry "
            "Tyler Aaron Jose Adam Nathan Henry Zachary Douglas Peter Kyle Noah Ethan Jeremy Walter "
            "Christian Keith Roger Terry"
        ),
        _words(
            "Smith Johnson Williams Brown Jones Garcia Miller Davis Rodriguez Martinez Hernandez Lopez "
            "Gonzalez Wilson Anderson Thomas Taylor Moore Jackson Martin Lee Perez Thompson White Harris "
            "Sanchez Clark Ramirez Lewis Robinson Walker Young Allen King Wright Scott Torres Nguyen Hill "
            "Flores Green Adams Nelson Baker Hall Rivera Campbell Mitchell Carter Roberts Gomez Phillips "
            "Evans Turner Diaz Parker Cruz Edwards Collins Reyes Stewart Morris Morales Murphy Cook Rogers "
            "Gutierrez Ortiz Morgan Cooper Peterson Bailey Reed Kelly Howard Ramos Kim Cox Ward Richardson"
        ),
        _words(
            "Ander Bain Bar Beck Bran Brook Cal Carl Dal Dean Dell East Ell Feld Fish Good Gray Gross Hack "
            "Hart Heck Hol Kauf Lam Lind Mar Mid New Os Pat Ray Rock Schul Silver Stein Strat Sulli Tram "
            "Vaugh Wein West Win Wood York"
        ),
        _words(
            "wood ley ton man berg son well field ford er ing land meyer stein by worth ham ler ski ell "
            "bach ridge wick"
        ),
        _towns(
            "Springfield=627 Columbus=432 Austin=787 Portland=972 Madison=537 Denver=802 Tucson=857 "
            "Richmond=232 Omaha=681 Albany=122 Boise=837 Fresno=937"
        ),
        _words(
            "Main_Street Oak_Avenue Maple_Street Cedar_Lane Elm_Street Washington_Avenue Lake_Drive "
            "Hillside_Road Park_Avenue Walnut_Street Sunset_Boulevard Church_Street River_Road "
            "Pine_Street Franklin_Street Highland_Avenue Jefferson_Street Meadow_Lane Spring_Street "
            "Ridge_Road Chestnut_Street Lincoln_Avenue Willow_Drive Dogwood_Court Forest_Drive"
        ),
        _words("gmail.com gmail.com yahoo.com outlook.com hotmail.com icloud.com aol.com comcast.net"),
    ),
    "GB": Country(
        _words(
            "Susan Margaret Sarah Emma Elizabeth Jane Karen Julie Helen Claire Rebecca Laura Amanda "
            "Nicola Jacqueline Charlotte Lisa Patricia Louise Tracey Emily Rachel Sophie Lucy Hannah "
            "Jessica Amy Katie Alison Angela Kathleen Christine Olivia Chloe Victoria Samantha Sharon "
            "Linda Gillian Michelle Anna Catherine Kelly Georgia Holly Megan Grace Joanne Wendy Maureen "
            "Abigail Eleanor Fiona Heather Joan Bethany Zoe Natalie Maria Beth Ruby Alice Imogen Priya "
            "Aisha"
        ),
        _words(
            "David John Paul James Andrew Michael Peter Stephen Mark Richard Christopher Robert William "
            "Thomas Daniel Matthew Ian Anthony Simon Alan Kevin Philip Benjamin Jonathan Joseph Samuel "
            "Luke Adam Jack Alexander Martin Graham Keith Neil Gary Steven Nicholas Oliver George Harry "
            "Joshua Ryan Callum Colin Nigel Stuart Kenneth Barry Edward Charles Craig Jamie Patrick Dean "
            "Liam Connor Jordan Lewis Kieran Mohammed Imran Raymond Trevor Gareth Dylan Alfie"
        ),
        _words(
            "Smith Jones Taylor Brown Williams Wilson Johnson Davies Robinson Wright Thompson Evans "
            "Walker White Roberts Green Hall Wood Jackson Clarke Patel Khan Lewis James Phillips Mason "
            "Mitchell Rose Davis Hill Cooper Morris Ward Moore Clark Baker Harrison King Morgan Lee Allen "
            "Martin Parker Cook Edwards Turner Shaw Bennett Hughes Carter Murphy Kelly Collins Bell "
            "Richardson Cox Gray Marshall Webb Hunt Ali Begum Holmes Palmer Fisher Chapman Knight Barnes "
            "Pearson Fox Russell"
        ),
        _words(
            "Ash Black Brad Brough Burn Cald Chat Col Crom Dal Dun East Ell Fair Farn Grim Hal Har Hath "
            "Hol Kirk Lang Lin Marl Mel Nor Oak Pem Red Rush Sel Shel Stan Stock Sut Thorn Wal Wat Whit "
            "Win Wool"
        ),
        _words("ton ley worth by field ham ford wood well bury more brook stead shaw croft dale hurst land"),
        _towns(
            "Leeds=LS London=SE Bristol=BS Norwich=NR York=YO Derby=DE Exeter=EX Reading=RG Cardiff=CF "
            "Sheffield=S Glasgow=G Oxford=OX"
        ),
        _words(
            "High_Street Station_Road Church_Lane Victoria_Road Green_Lane Manor_Road Park_Road "
            "Queens_Road Mill_Lane Kings_Avenue Albert_Street New_Road Grange_Road Highfield_Road "
            "Chapel_Street Windsor_Road Orchard_Close The_Crescent Springfield_Road York_Road "
            "Meadow_Close West_Street Stanley_Road Alexandra_Road School_Lane"
        ),
        _words("gmail.com gmail.com hotmail.co.uk outlook.com btinternet.com yahoo.co.uk icloud.com sky.com"),
    ),
    "NL": Country(
        _words(
            "Maria Johanna Anna Elisabeth Cornelia Hendrika Petra Monique Sandra Ingrid Linda Marieke "
            "Sanne Lisa Anouk Esther Wilhelmina Ellen Marjan Yvonne Annemarie Karin Femke Lotte Emma "
            "Julia Sophie Iris Marloes Danielle Saskia Astrid Jolanda Mirjam Nicole Tessa Eva Fleur Roos "
            "Anne Hanneke Wendy Bianca Daphne Kim Laura Manon Naomi Inge Trudy Greetje Fatima Marianne "
            "Carla Gerda Joke Ilse Lieke Maud Noor"
        ),
        _words(
            "Johannes Jan Cornelis Pieter Hendrik Willem Jeroen Mark Peter Martijn Erik Dennis Rob Frank "
            "Bart Marcel Tim Thomas Daan Sander Wouter Bas Ruben Kees Gerard Henk Paul Michiel Joost "
            "Stefan Robert Hans Jeffrey Patrick Niels Rick Lars Stijn Maarten Arjan Edwin Rene Richard "
            "Sem Lucas Luuk Mohamed Ahmed Gijs Koen Jasper Thijs Vincent Jurgen Bram Floris Harm Sjoerd "
            "Wim Theo"
        ),
        _words(
            "de_Jong Jansen de_Vries van_den_Berg van_Dijk Bakker Janssen Visser Smit Meijer de_Boer "
            "Mulder de_Groot Bos Vos Peters Hendriks van_Leeuwen Dekker Brouwer de_Wit Dijkstra Smits "
            "de_Graaf van_der_Meer Kok Jacobs de_Haan Vermeulen van_den_Heuvel van_der_Veen van_den_Broek "
            "de_Bruijn van_der_Heijden Schouten van_Beek Willems van_Vliet Hoekstra Maas Verhoeven Koster "
            "van_Dam Prins Blom Huisman Peeters Kuijpers Veenstra Postma Martens Yilmaz Kuiper van_Wijk "
            "Post Bosch Gerritsen"
        ),
        _words(
            "Berk Boom Brand Dam Does Duin Eik Geer Haver Hout Kamp Kerk Kromm Lind Molen Nieuw Oud Oost "
            "Rood Ruig Schip Slot Steen Veld Water West Wolf Zand Zuid Zwart"
        ),
        _words("huis man stra ema ing broek hof meijer huizen kamp enburg sma beek horst wijk laar veen"),
        _towns(
            "Utrecht=35 Amsterdam=10 Rotterdam=30 Eindhoven=56 Groningen=97 Zwolle=80 Breda=48 Arnhem=68 "
            "Haarlem=20 Leiden=23 Almere=13 Tilburg=50"
        ),
        _words(
            "Kerkstraat Dorpsstraat Molenweg Schoolstraat Julianastraat Beatrixlaan Stationsweg "
            "Nieuwstraat Wilhelminastraat Hoofdstraat Parallelweg Industrieweg Eikenlaan Beukenlaan "
            "Lindelaan Prins_Hendrikkade Oranjestraat Emmastraat Markt Kastanjelaan Vondelstraat "
            "Zonnebloemstraat Meidoornlaan Rembrandtlaan Merelstraat"
        ),
        _words(
            "gmail.com gmail.com hotmail.com outlook.com ziggo.nl kpnmail.nl live.nl icloud.com xs4all.nl"
        ),
    ),
    "DE": Country(
        _words(
            "Maria Ursula Monika Petra Elisabeth Sabine Renate Helga Karin Brigitte Ingrid Erika Andrea "
            "Gisela Claudia Susanne Gabriele Christa Christine Hildegard Anna Birgit Barbara Gerda "
            "Martina Angelika Heike Nicole Stefanie Julia Katharina Anja Silke Ute Katrin Sandra Melanie "
            "Daniela Laura Lena Lea Sarah Lisa Emma Mia Hannah Johanna Kerstin Anke Tanja Sonja Franziska "
            "Nina Simone Marie Clara Sophie Charlotte Jutta Bärbel"
        ),
        _words(
            "Peter Michael Thomas Andreas Wolfgang Klaus Jürgen Stefan Christian Uwe Werner Hans Horst "
            "Frank Dieter Manfred Bernd Günter Matthias Martin Alexander Markus Jörg Karl Heinz Ralf "
            "Rainer Gerhard Daniel Sebastian Torsten Sven Tobias Florian Jan Lukas Leon Felix Paul Jonas "
            "Maximilian Philipp Tim Niklas Oliver Dirk Holger Volker Axel Marco Patrick Kevin Dennis "
            "Björn Lars Nils Marcel Robert Johannes Moritz"
        ),
        _words(
            "Müller Schmidt Schneider Fischer Weber Meyer Wagner Becker Schulz Hoffmann Schäfer Koch "
            "Bauer Richter Klein Wolf Schröder Neumann Schwarz Zimmermann Braun Krüger Hofmann Hartmann "
            "Lange Schmitt Werner Schmitz Krause Meier Lehmann Schmid Schulze Maier Köhler Herrmann König "
            "Walter Mayer Huber Kaiser Fuchs Peters Lang Scholz Möller Weiß Jung Hahn Schubert Vogel "
            "Friedrich Keller Günther Frank Berger Winkler Roth Beck Lorenz Baumann Franke Albrecht "
            "Yildiz Nowak"
        ),
        _words(
            "Acker Asch Bach Berg Birken Breit Brunn Burg Dorn Eber Eich Eisen Feld Grün Hagen Hasel Heid "
            "Holz Kirch Kreuz Lauter Linden Moos Neu Ober Rosen Sand Stein Wald Wiesen Wein Zell"
        ),
        _words("mann er bauer hofer huber meier berg stein rich feld horst kamp ner haus egger thaler"),
        _towns(
            "Berlin=10 Hamburg=20 München=80 Köln=50 Leipzig=04 Dresden=01 Bremen=28 Hannover=30 "
            "Nürnberg=90 Freiburg=79 Kassel=34 Mainz=55"
        ),
        _words(
            "Hauptstraße Schulstraße Gartenstraße Bahnhofstraße Dorfstraße Bergstraße Birkenweg "
            "Lindenstraße Kirchstraße Waldstraße Ringstraße Schillerstraße Goethestraße Amselweg "
            "Wiesenweg Jahnstraße Buchenweg Mühlenweg Feldstraße Rosenweg Eichenweg Blumenstraße "
            "Friedhofstraße Beethovenstraße Am_Markt"
        ),
        _words("gmail.com gmx.de web.de t-online.de gmail.com outlook.de freenet.de icloud.com hotmail.de"),
    ),
    "ES": Country(
        _words(
            "María Carmen Ana Isabel Laura Cristina Marta Lucía Dolores Pilar Teresa Rosa Paula Elena "
            "Raquel Sara Francisca Mercedes Josefa Beatriz Silvia Julia Irene Patricia Rocío Andrea "
            "Mónica Encarna Alba Montserrat Susana Sonia Sandra Ángela Yolanda Nuria Margarita Inmaculada "
            "Alicia Eva Natalia Claudia Sofía Carla Martina Noelia Verónica Lorena Victoria Gloria Nerea "
            "Ainhoa Carolina Daniela Valeria Inés Emma Miriam Celia Lidia"
        ),
        _words(
            "Antonio Manuel José Francisco David Juan Javier Daniel Carlos Jesús Alejandro Miguel Rafael "
            "Pedro Pablo Ángel Sergio Fernando Luis Jorge Alberto Álvaro Adrián Diego Raúl Iván Rubén "
            "Enrique Ramón Vicente Óscar Andrés Joaquín Santiago Eduardo Víctor Mario Roberto Jaime "
            "Marcos Ignacio Hugo Alfonso Jordi Salvador Ricardo Emilio Guillermo Gabriel Julián Martín "
            "Tomás Gonzalo Agustín Nicolás Samuel Lucas Marc Ismael Cristian"
        ),
        _words(
            "García Rodríguez González Fernández López Martínez Sánchez Pérez Gómez Martín Jiménez "
            "Hernández Ruiz Díaz Moreno Muñoz Álvarez Romero Gutiérrez Alonso Navarro Torres Domínguez "
            "Ramos Vázquez Ramírez Gil Serrano Molina Blanco Morales Suárez Ortega Castro Delgado Ortiz "
            "Marín Rubio Núñez Medina Sanz Castillo Iglesias Cortés Garrido Santos Guerrero Lozano Cano "
            "Cruz Méndez Flores Prieto Herrera Peña León Márquez Cabrera Gallego Calvo Vidal Campos Reyes "
            "Vega Fuentes Carrasco"
        ),
        _words(
            "Al Arr Bar Bel Cal Can Car Cer Col Esc Esp Fon Gal Gar Lan Lar Mar Mend Mir Mon Oliv Pal Pe "
            "Pin Qui Ri Sal San Sol Tor Val Zar"
        ),
        _words("alba ares edo eda ero illo ones ázar era ejo ado ano arte ela oso izar bano tana iego"),
        _towns(
            "Madrid=28 Barcelona=08 Valencia=46 Sevilla=41 Zaragoza=50 Málaga=29 Murcia=30 Bilbao=48 "
            "Valladolid=47 Granada=18 Oviedo=33 Alicante=03"
        ),
        _words(
            "Calle_Mayor Calle_Real Calle_Nueva Avenida_de_la_Constitución Calle_San_José Calle_del_Sol "
            "Calle_Iglesia Plaza_de_España Calle_Cervantes Calle_Goya Avenida_de_Andalucía Calle_San_Juan "
            "Calle_Velázquez Calle_de_la_Fuente Paseo_Marítimo Calle_Colón Calle_Doctor_Fleming "
            "Calle_Santa_Ana Calle_Picasso Calle_del_Carmen Calle_Lepanto Calle_Olivo Ronda_Norte "
            "Calle_Rosales"
        ),
        _words("gmail.com gmail.com hotmail.com hotmail.es yahoo.es outlook.es telefonica.net icloud.com"),
    ),
    "FR": Country(
        _words(
            "Marie Nathalie Isabelle Sylvie Catherine Martine Christine Françoise Valérie Sandrine "
            "Stéphanie Véronique Sophie Céline Chantal Patricia Anne Brigitte Julie Monique Aurélie "
            "Nicole Laurence Annie Émilie Dominique Virginie Corinne Élodie Christelle Camille Caroline "
            "Léa Sarah Florence Laetitia Audrey Hélène Laura Manon Michèle Cécile Christiane Béatrice "
            "Claire Nadine Delphine Pauline Karine Mélanie Marion Chloé Jacqueline Élisabeth Évelyne "
            "Marine Claudine Anaïs Lucie Fatima"
        ),
        _words(
            "Jean Philippe Michel Alain Patrick Nicolas Christophe Pierre Christian Éric Frédéric Laurent "
            "Stéphane David Pascal Daniel Alexandre Julien Thierry Olivier Bernard Thomas Sébastien "
            "Gérard Didier Dominique Vincent François Bruno Guillaume Jérôme Jacques Marc Maxime Romain "
            "Claude Antoine Franck Jean-Pierre Anthony Kévin Gilles Cédric Serge André Mathieu Benjamin "
            "Patrice Fabrice Joël Jérémy Clément Arnaud Denis Paul Lucas Hervé Jean-Claude Sylvain Yves"
        ),
        _words(
            "Martin Bernard Thomas Petit Robert Richard Durand Dubois Moreau Laurent Simon Michel "
            "Lefebvre Leroy Roux David Bertrand Morel Fournier Girard Bonnet Dupont Lambert Fontaine "
            "Rousseau Vincent Muller Lefèvre Faure André Mercier Blanc Guérin Boyer Garnier Chevalier "
            "François Legrand Gauthier Garcia Perrin Robin Clément Morin Nicolas Henry Roussel Mathieu "
            "Gautier Masson Marchand Duval Denis Dumont Marie Lemaire Noël Meyer Dufour Meunier Brun "
            "Blanchard Giraud Joly Rivière"
        ),
        _words(
            "Arn Bar Beau Bel Bois Bour Bret Cham Char Chauv Cour Dar Del Des Dor Fau Fer Fleur Fromen "
            "Gail Gran Gri Lam Lan Mail Mar Mont Per Pich Rai Ren Sau Tail Val Ver Vill"
        ),
        _words("eau et in ier ard on ot ault elle eron ois ac igny mont lard tin oux cel dier lin"),
        _towns(
            "Paris=75 Lyon=69 Marseille=13 Toulouse=31 Nantes=44 Lille=59 Bordeaux=33 Rennes=35 Dijon=21 "
            "Tours=37 Grenoble=38 Metz=57"
        ),
        _words(
            "Rue_de_l'Église Rue_Victor_Hugo Rue_Pasteur Grande_Rue Rue_du_Moulin Rue_des_Écoles "
            "Avenue_de_la_Gare Rue_Jean_Jaurès Place_de_la_Mairie Rue_de_la_République Rue_du_Château "
            "Rue_des_Lilas Rue_Jules_Ferry Boulevard_Gambetta Rue_Principale Chemin_des_Vignes "
            "Rue_Voltaire Rue_des_Jardins Rue_du_Stade Impasse_des_Roses Allée_des_Tilleuls Rue_de_Verdun "
            "Rue_Molière"
        ),
        _words("gmail.com gmail.com orange.fr hotmail.fr wanadoo.fr free.fr sfr.fr laposte.net outlook.fr"),
    ),
}
"""What there is to draw from, by ISO 3166 alpha-2 country."""

NICKNAMES = {
    **dict.fromkeys(("Elizabeth", "Elisabeth"), "Liz"),
    **dict.fromkeys(("Cornelis",), "Kees"),
    **dict.fromkeys(("Johannes",), "Hans"),
    "Andrew": "Andy",
    "Anthony": "Tony",
    "Antonio": "Toni",
    "Benjamin": "Ben",
    "Christopher": "Chris",
    "Daniel": "Dan",
    "David": "Dave",
    "Edward": "Ted",
    "Francisco": "Paco",
    "Hendrik": "Henk",
    "James": "Jim",
    "Jennifer": "Jenny",
    "Jessica": "Jess",
    "Joseph": "Joe",
    "José": "Pepe",
    "Katherine": "Kate",
    "Margaret": "Maggie",
    "Matthew": "Matt",
    "Maximilian": "Max",
    "Michael": "Mike",
    "Nicholas": "Nick",
    "Patricia": "Pat",
    "Rebecca": "Becky",
    "Richard": "Rick",
    "Robert": "Bob",
    "Samuel": "Sam",
    "Stephen": "Steve",
    "Susan": "Sue",
    "Thomas": "Tom",
    "Wilhelmina": "Willy",
    "Willem": "Wim",
    "William": "Bill",
}
"""What some are called at home."""

ALIKE = {
    "f": {
        "US": (("Marie", "Maria"), ("Anna", "Anne"), ("Sara", "Sandra"), ("Christine", "Christina")),
        "GB": (("Ellen", "Ella"), ("Anna", "Anne"), ("Marie", "Maria"), ("Joan", "Joanne")),
        "NL": (("Marie", "Maria"), ("Anna", "Anne"), ("Lisa", "Lisette"), ("Marieke", "Marijke")),
        "DE": (("Marie", "Maria"), ("Lena", "Lea"), ("Katrin", "Kathrina"), ("Christa", "Christine")),
        "ES": (("María", "Marta"), ("Ana", "Anna"), ("Carla", "Carlota"), ("Lucía", "Luisa")),
        "FR": (("Marie", "Marine"), ("Anne", "Annie"), ("Claudine", "Claudette"), ("Marion", "Manon")),
    },
    "m": {
        "US": (("Jon", "Jan"), ("Eric", "Erin"), ("Brian", "Ryan"), ("Alan", "Allen")),
        "GB": (("Jon", "Ian"), ("Dean", "Dan"), ("Harry", "Harvey"), ("Lewis", "Luke")),
        "NL": (("Jan", "Jon"), ("Rob", "Ron"), ("Bas", "Bart"), ("Tim", "Tom")),
        "DE": (("Jan", "Jon"), ("Karl", "Kai"), ("Lukas", "Luca"), ("Tim", "Tom")),
        "ES": (("Juan", "Julián"), ("Marc", "Marcos"), ("Adrián", "Andrés"), ("Hugo", "Lucas")),
        "FR": (("Jean", "Jen"), ("Marc", "Marcel"), ("Denis", "Davis"), ("Alain", "Alan")),
    },
}
"""Given names that parents of twins choose for their likeness, by sex and country."""


def given_name(rng: Random, country: str, sex: str) -> str:
    """A given name, `sex` being `f` or `m`; the commonest are some ten times as common as the last."""
    table = TABLES[country]
    return _ranked(rng, table.women if sex == "f" else table.men)


def family_name(rng: Random, country: str) -> str:
    """A surname."""
    table = TABLES[country]
    if rng.random() < _COMMON_SHARE:
        return _ranked(rng, table.families)
    return rng.choice(table.stems) + rng.choice(table.endings)


def _ranked(rng: Random, names: Sequence[str]) -> str:
    """One of a list by rank: the weight of the n-th is 1 / (n + 8)."""
    return rng.choices(names, weights=[1 / (rank + 8) for rank in range(len(names))])[0]
