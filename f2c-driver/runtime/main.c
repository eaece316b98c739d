/* The start of a Fortran main program; libf2c's own also catches signals, which is the host's
   business under WebAssembly. */
#include <stdlib.h>

extern void f_init(void);
extern void f_exit(void);
extern int MAIN__(void);

int xargc;
char **xargv;

int main(int argc, char **argv) {
    xargc = argc;
    xargv = argv;
    f_init();
    atexit(f_exit);
    MAIN__();
    return 0;
}
