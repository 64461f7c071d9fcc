package imports

// Packages gives the name under which a module's package is installed, as PyPI
// and as conda-forge call it. Most are called as their module is.
func Packages(module string) (pypi, conda string) {
	switch module {
	case "Bio":
		return same("biopython")
	case "Crypto":
		return same("pycryptodome")
	case "Levenshtein":
		return same("python-levenshtein")
	case "OpenGL":
		return same("pyopengl")
	case "OpenSSL":
		return same("pyopenssl")
	case "PIL":
		return same("pillow")
	case "PyQt5":
		return "pyqt5", "pyqt"
	case "PyQt6":
		return same("pyqt6")
	case "attr", "attrs":
		return same("attrs")
	case "bs4":
		return same("beautifulsoup4")
	case "cairo":
		return same("pycairo")
	case "can":
		return same("python-can")
	case "cv2":
		return "opencv-python", "opencv"
	case "dateutil":
		return same("python-dateutil")
	case "docx":
		return same("python-docx")
	case "dotenv":
		return same("python-dotenv")
	case "flask_cors":
		return same("flask-cors")
	case "flask_sqlalchemy":
		return same("flask-sqlalchemy")
	case "fitz":
		return same("pymupdf")
	case "git":
		return same("gitpython")
	case "gi":
		return same("pygobject")
	case "google":
		return same("protobuf")
	case "graphviz":
		return "graphviz", "python-graphviz"
	case "jwt":
		return same("pyjwt")
	case "magic":
		return same("python-magic")
	case "mpl_toolkits", "pylab":
		return same("matplotlib")
	case "mysql":
		return same("mysql-connector-python")
	case "MySQLdb":
		return same("mysqlclient")
	case "nacl":
		return same("pynacl")
	case "pkg_resources":
		return same("setuptools")
	case "pptx":
		return same("python-pptx")
	case "psycopg2":
		return "psycopg2-binary", "psycopg2"
	case "pythoncom", "pywintypes", "win32api", "win32com", "win32con", "win32gui":
		return same("pywin32")
	case "serial":
		return same("pyserial")
	case "skimage":
		return same("scikit-image")
	case "sklearn":
		return same("scikit-learn")
	case "snap7":
		return same("python-snap7")
	case "tables":
		return "tables", "pytables"
	case "torch":
		return "torch", "pytorch"
	case "usb":
		return same("pyusb")
	case "vtkmodules":
		return same("vtk")
	case "wx":
		return same("wxpython")
	case "yaml":
		return same("pyyaml")
	case "zmq":
		return same("pyzmq")
	}
	return same(module)
}

func same(name string) (pypi, conda string) { return name, name }
