// What the C files of a window share.
#ifndef SCRIPTSMANAGER_WINDOW_H
#define SCRIPTSMANAGER_WINDOW_H

#include <gtk/gtk.h>
#include <stdint.h>
#include <webkit2/webkit2.h>

extern uintptr_t owner; // the Go side of this process's one window

WebKitWebView *view(void); // the one in which Wails shows; NULL before it is there
GtkWindow *window(void);   // the window that it stands in

// say gives a text by its place in hooks_linux.h; say_with, which is to be
// freed, puts a value in.
const char *say(int which);
char *say_with(int which, const char *name, const char *value);
char *put_in(const char *text, const char *name, const char *value); // the same for a text itself

GtkBox *around(void);       // what the view and its bars stand in; NULL before it is there
GtkWidget *bar_below(void); // a new bar below the page
GtkWidget *icon_button(const char *icon, GCallback pressed, gpointer data);
void name_widget(GtkWidget *widget, const char *name);

void find_speak(void);          // the search's bar takes its texts again
int find_step(int forward);     // goes on to the next place; 0 where nothing is searched
void follow_downloads(WebKitWebContext *context);
void follow_drops(WebKitWebView *v);

#endif
