package domain

// What may be wrong with documentation. The first ones are told as problems of
// a document that is shown all the same.
const (
	CodeDocumentCut          Code = "document_cut"           // size, most (MB): only the beginning is shown
	CodeDocumentEncoding     Code = "document_encoding"      // it is not UTF-8
	CodeDocumentDeep         Code = "document_deep"          // most: shown as it is written
	CodeDocumentLine         Code = "document_line"          // most (KB): shown as it is written
	CodeDocumentBlock        Code = "document_block"         // a paragraph or table is shown as it is written
	CodeDocumentFootnotes    Code = "document_footnotes"     // most, references: the others are shown as they are written
	CodeDocumentHeadings     Code = "document_headings"      // most: the others are not listed
	CodeDocumentSlow         Code = "document_slow"          // seconds: shown as it is written
	CodeDocumentBroken       Code = "document_broken"        // detail: shown as it is written
	CodeDocumentFormulaOpen  Code = "document_formula_open"  // $$ without its end
	CodeDocumentFormulaLarge Code = "document_formula_large" // most (KB), count
	CodeDocumentDiagramLarge Code = "document_diagram_large" // most (KB), count

	// Where a link leads nowhere.
	CodeDocumentLinkHeading   Code = "document_link_heading"   // link
	CodeDocumentLinkScript    Code = "document_link_script"    // link
	CodeDocumentLinkParameter Code = "document_link_parameter" // link
	CodeDocumentLinkMissing   Code = "document_link_missing"   // link
	CodeDocumentLinkOutside   Code = "document_link_outside"   // link
	CodeDocumentLinkFile      Code = "document_link_file"      // link
	CodeDocumentLinkAddress   Code = "document_link_address"   // link

	// Where an image is not shown.
	CodeDocumentImageOutside Code = "document_image_outside" // link
	CodeDocumentImageType    Code = "document_image_type"    // link
	CodeDocumentImageLarge   Code = "document_image_large"   // link, most (MB)
	CodeDocumentImagePixels  Code = "document_image_pixels"  // link, width, height
	CodeDocumentDrawing      Code = "document_drawing"       // link: drawing it might not end

	CodeDocumentLarge Code = "document_large" // path, size, most (MB)
)
