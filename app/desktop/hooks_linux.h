// The part of a window that Wails leaves out on Linux: what its web view may
// show, new windows, downloads, failures, native questions.
#ifndef SCRIPTSMANAGER_HOOKS_H
#define SCRIPTSMANAGER_HOOKS_H

#include <stdint.h>

// The decisions of policy.go, in its order.
enum { DECISION_REFUSE, DECISION_ALLOW, DECISION_EXTERNAL, DECISION_DOWNLOAD };

enum { ASK_GESTURE = 1, ASK_BACK = 2, ASK_RESPONSE = 4, ASK_ATTACHMENT = 8, ASK_OURS = 16 };

enum { LOOK_SYSTEM, LOOK_LIGHT, LOOK_DARK };

// display_ready starts GTK and tells whether there is a display. It must run
// on the thread that later runs the window.
int display_ready(void);

// display_room gives the size of the screen without panels, after
// display_ready; 0 where it is not known.
int display_room(int *width, int *height);

// All of these may be called from any thread; they act on the window's own.
void window_hook(uintptr_t handle, int seal, int dark);
void window_look(int look);
void window_load(const char *address, int seal);
void window_reload(void);
void window_step(int forward);
void window_zoom(double factor); // 0 is back to 1
void window_ask(uintptr_t answer, const char *title, const char *question, const char *yes, const char *no);
void window_warn(const char *text, const char *button); // "" takes it away
void window_texts(const char *save_title, const char *save, const char *cancel);

#endif
