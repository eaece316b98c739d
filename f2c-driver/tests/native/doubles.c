#include <stdio.h>

double twice_(double *, double *);
void parts_(double *, int *);

int main(void) {
    double x = 1.25, y = 2;
    int n = 5;
    double twice = twice_(&x, &y);
    printf("%.15g %.15g\n", twice, y);
    parts_(&x, &n);
    printf("%.15g\n", x);
}
