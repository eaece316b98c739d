#include <stdio.h>
void pass_(float *, double *);
int main(void) {
    float r[4] = {0};
    double d = 0;
    pass_(r, &d);
    printf("%.9g %.9g %.9g %.9g %.17g\n", r[0], r[1], r[2], r[3], d);
    return 0;
}
