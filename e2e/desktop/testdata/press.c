// press PID NAME presses a button of that name that a process shows in a
// window, as a screen reader does: by its name, wherever it stands. It ends with 1
// where there is none that can be pressed.
//
//   gcc -o press press.c $(pkg-config --cflags --libs atspi-2 gobject-2.0)
#include <atspi/atspi.h>
#include <stdlib.h>
#include <string.h>

static int is(AtspiAccessible *one, AtspiStateType state) {
    AtspiStateSet *all = atspi_accessible_get_state_set(one);
    int has = all && atspi_state_set_contains(all, state);
    if (all) g_object_unref(all);
    return has;
}

static int press(AtspiAccessible *one, const char *name) {
    int pressed = 0;
    char *called = NULL;
    switch (atspi_accessible_get_role(one, NULL)) {
    case ATSPI_ROLE_DOCUMENT_WEB: // what the page has itself is not of the window
        return 0;
    case ATSPI_ROLE_PUSH_BUTTON:
        called = atspi_accessible_get_name(one, NULL);
        if (called && !strcmp(called, name) && is(one, ATSPI_STATE_SHOWING) && is(one, ATSPI_STATE_SENSITIVE)) {
            AtspiAction *action = atspi_accessible_get_action_iface(one);
            pressed = action && atspi_action_do_action(action, 0, NULL);
            if (action) g_object_unref(action);
        }
        g_free(called);
        break;
    default:
        break;
    }
    int count = pressed ? 0 : atspi_accessible_get_child_count(one, NULL);
    for (int i = 0; i < count && !pressed; i++) {
        AtspiAccessible *child = atspi_accessible_get_child_at_index(one, i, NULL);
        if (!child) continue;
        pressed = press(child, name);
        g_object_unref(child);
    }
    return pressed;
}

int main(int count, char **arguments) {
    if (count != 3 || atspi_init() > 1) return 2;
    AtspiAccessible *desktop = atspi_get_desktop(0);
    int pid = atoi(arguments[1]), programs = desktop ? atspi_accessible_get_child_count(desktop, NULL) : 0;
    for (int i = 0; i < programs; i++) {
        AtspiAccessible *program = atspi_accessible_get_child_at_index(desktop, i, NULL);
        if (!program) continue;
        int pressed = (int)atspi_accessible_get_process_id(program, NULL) == pid && press(program, arguments[2]);
        g_object_unref(program);
        if (pressed) return 0;
    }
    return 1;
}
