#include <stdio.h>
extern struct { int k; float x[3]; } shared_;
extern struct { int m; } other_one_;
void takes_(double *, int *, double *);
void setup_(int *), tower_(int *, int *), auto_(int *, double *);
int total_(int *);
double fact_(int *);
int main(void) {
    int n = 5, i = 2, r;
    double x[5] = {1, 2, 3, 4, 5};
    setup_(&n);
    shared_.x[1] += other_one_.m;
    int once = total_(&i), twice = total_(&i);
    printf("%d %d %d\n", shared_.k, once, twice);
    tower_(&n, &r);
    auto_(&n, x);
    printf("%d %g %g %g\n", r, fact_(&n), x[0], x[4]);
    double b[6] = {1, 2, 3, 4, 5, 6}, s = 0;
    n = 2;
    takes_(b, &n, &s);
    printf("%g\n", s);
    return 0;
}
