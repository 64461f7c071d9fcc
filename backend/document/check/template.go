package check

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"scriptsmanager/backend/domain"
)

// section is a part that each document has: its heading, then others that
// people use for it.
type section []string

// sections are those of the template, in the order of reading.
var sections = map[domain.Language][]section{
	domain.English: {
		{"Purpose", "Objective", "Aim"},
		{"Inputs", "Input", "Input data", "Parameters"},
		{"Method", "Methods", "Calculation", "Theory"},
		{"Worked example", "Example", "Examples", "Worked examples"},
		{"Limits", "Limitations", "Restrictions"},
	},
	domain.Spanish: {
		{"Objetivo", "Objeto", "Finalidad", "Propósito"},
		{"Datos de entrada", "Entradas", "Entrada", "Parámetros"},
		{"Método", "Métodos", "Cálculo", "Teoría"},
		{"Ejemplo resuelto", "Ejemplo", "Ejemplos", "Ejemplos resueltos"},
		{"Límites", "Limitaciones", "Restricciones"},
	},
	domain.Italian: {
		{"Scopo", "Obiettivo", "Finalità"},
		{"Dati di ingresso", "Dati in ingresso", "Ingressi", "Parametri"},
		{"Metodo", "Metodi", "Calcolo", "Teoria"},
		{"Esempio svolto", "Esempio", "Esempi", "Esempi svolti"},
		{"Limiti", "Limitazioni", "Restrizioni"},
	},
	domain.French: {
		{"Objet", "But", "Objectif"},
		{"Données d'entrée", "Entrées", "Données", "Paramètres"},
		{"Méthode", "Méthodes", "Calcul", "Théorie"},
		{"Exemple traité", "Exemple", "Exemples", "Exemples traités"},
		{"Limites", "Limitations", "Restrictions"},
	},
}

// hints say under each heading of a new document what belongs there.
var hints = map[domain.Language][]string{
	domain.English: {
		"What the script is for, and when it is used.",
		"| Input | Unit | Meaning |\n|---|---|---|\n| … | … | … |",
		"How it calculates, with its formulas.",
		"Values, and the result that they give.",
		"- What it does not consider, and where it is not valid.",
	},
	domain.Spanish: {
		"Para qué sirve el script y cuándo se usa.",
		"| Dato | Unidad | Significado |\n|---|---|---|\n| … | … | … |",
		"Cómo calcula, con sus fórmulas.",
		"Valores y el resultado que dan.",
		"- Lo que no tiene en cuenta y dónde no es válido.",
	},
	domain.Italian: {
		"A che cosa serve lo script e quando si usa.",
		"| Dato | Unità | Significato |\n|---|---|---|\n| … | … | … |",
		"Come calcola, con le sue formule.",
		"Valori e il risultato che danno.",
		"- Che cosa non considera e dove non è valido.",
	},
	domain.French: {
		"À quoi sert le script et quand l'utiliser.",
		"| Donnée | Unité | Signification |\n|---|---|---|\n| … | … | … |",
		"Comment il calcule, avec ses formules.",
		"Des valeurs et le résultat qu'elles donnent.",
		"- Ce dont il ne tient pas compte et où il n'est pas valable.",
	},
}

// New is the text of a document that is begun: the title and the headings of
// the template in the language.
func New(title string, l domain.Language) string {
	var b strings.Builder
	b.WriteString("# " + strings.Join(strings.Fields(title), " ") + "\n")
	for i, s := range sections[l] {
		b.WriteString("\n## " + s[0] + "\n" + hints[l][i] + "\n")
	}
	return b.String()
}

// folded makes headings comparable: case, accents, the kind of apostrophe, a
// number before and a colon after them do not count.
func folded(heading string) string {
	heading = strings.TrimLeftFunc(heading, func(r rune) bool {
		return unicode.IsDigit(r) || unicode.IsSpace(r) || r == '.' || r == ')'
	})
	var b strings.Builder
	for _, r := range norm.NFKD.String(heading) {
		switch {
		case r >= 0x300 && r <= 0x36f: // the accent that NFKD split off
		case r == '’':
			b.WriteByte('\'')
		default:
			b.WriteRune(unicode.ToLower(r))
		}
	}
	return strings.Join(strings.Fields(strings.TrimRight(b.String(), " :.")), " ")
}

func (s section) is(heading string) bool {
	for _, name := range s {
		if folded(name) == folded(heading) {
			return true
		}
	}
	return false
}
