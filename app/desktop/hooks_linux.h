// The part of a window that Wails leaves out on Linux: what its web view may
// show, new windows, downloads, failures, native questions.
#ifndef SCRIPTSMANAGER_HOOKS_H
#define SCRIPTSMANAGER_HOOKS_H

#include <stdint.h>

// The decisions of policy.go, in its order.
enum { DECISION_REFUSE, DECISION_ALLOW, DECISION_EXTERNAL, DECISION_DOWNLOAD };

enum { ASK_GESTURE = 1, ASK_BACK = 2, ASK_RESPONSE = 4, ASK_ATTACHMENT = 8, ASK_OURS = 16 };

// What native parts say, in the order of nativeTexts in shown_window.go.
enum {
    TEXT_SAVE_TITLE,
    TEXT_SAVE,
    TEXT_CANCEL,
    TEXT_CLOSE,
    TEXT_FIND,
    TEXT_FIND_NEXT,
    TEXT_FIND_PREVIOUS,
    TEXT_FIND_COUNT,
    TEXT_FIND_POSITION,
    TEXT_FIND_NONE,
    TEXT_SAVING,
    TEXT_SAVED,
    TEXT_SHOW_FILE,
    TEXT_DROP_MISSED,
    TEXT_COUNT
};

enum { LOOK_SYSTEM, LOOK_LIGHT, LOOK_DARK };

// display_ready starts GTK and tells whether there is a display. It must run
// on the thread that later runs the window.
int display_ready(void);

// display_room gives the size of the screen without panels, after
// display_ready; 0 where it is not known.
int display_room(int *width, int *height);

// display_areas gives x, y, width and height of each screen without panels,
// after display_ready, and how many there are.
int display_areas(int *sides, int most);

// All of these may be called from any thread; they act on the window's own.
void window_hook(uintptr_t handle, int seal);
void window_look(int look);
void window_load(const char *address, int seal);
void window_reload(void);
void window_step(int forward);
void window_zoom(double factor); // 0 is back to 1
void window_find(const char *script); // opens the bar of the search; see find.js
void window_take_drops(const char *script); // files may be dragged into pages from now on; see drop.js
void window_print(void);
// window_ask tells the Go side the number of the label that was pressed; the
// last one is the default, and a negative number is no answer.
void window_ask(uintptr_t answer, const char *title, const char *question, const char **labels, int count);
void window_warn(const char *text, const char *button); // "" takes it away
void window_progress(const char *text, double percent); // negative takes it away; 0 is not known
void window_texts(const char **all);                    // TEXT_COUNT of them
void window_menu(const char **labels, int count);       // the menu's, from top to bottom, in another language
void window_place(int x, int y, int width, int height, int maximised); // width 0: only follow
void window_show_file(const char *path);                // in the desktop's file manager

#endif
