package execution

import "scriptsmanager/backend/domain"

// Fit says which of the values of a template a script still takes, and why it
// does not take the others. What is missing is no fault of a template, and a
// file that is not there now may be there when it runs: Check asks for both.
// Secret values are in neither.
func Fit(declared []domain.Parameter, values map[string]any) (fitting map[string]any, wrong map[string]*domain.Error) {
	fitting, wrong = map[string]any{}, map[string]*domain.Error{}
	known := map[string]domain.Parameter{}
	for _, p := range declared {
		known[p.Name] = p
	}
	for name, v := range values {
		p, ok := known[name]
		switch {
		case !ok:
			wrong[name] = domain.NewError(domain.CodeParameterUnknown, "name", name)
		case p.Secret():
		case empty(v):
			fitting[name] = v
		default:
			clean, err := checkValue(p, v)
			switch {
			case err == nil:
				fitting[name] = clean
			case err.Code == domain.CodeParameterPath:
				fitting[name] = v
			default:
				wrong[name] = err
			}
		}
	}
	return fitting, wrong
}
