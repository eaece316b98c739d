program t
real(4) a(18)
real(8) b(20)
integer i
integer(1) i1; integer(2) i2; integer(8) i8
complex(4) c; complex(8) z
character(90) long
logical l; logical(1) l1
a = (/ 0.0, 0.1, 0.09999, 1.0, 1.5, 12.5, 123456.789, 1e7, 99999999., 1e8, 1e9, 9.9999999e9, &
    1e10, 1e-5, 1e38, 0.9999999, 0.0999999999, 3.14159274 /)
do i=1,18
 print *, a(i)
 print *, -a(i)
end do
b = (/ 0d0, 0.1d0, 0.09999d0, 1d0, 1.5d0, 12.5d0, 123456.789d0, 1d15, 1d16, &
    9.9999999999999999d16, 1d17, 1d18, 1d-5, 1d300, 1d-300, 0.99999999999999999d0, 0.1d0-1d-18, &
    3.14159265358979d0, 1d100, -2.5d-10/)
do i=1,20
 print *, b(i)
end do
i1=-5; i2=-300; i8=-123456789012345_8
print *, i1, i2, 7, i8
print *, -huge(1), huge(1)
c=(1.5,-2.25e-5); z=(1d10,-3d200)
print *, c
print *, z
print *, z, c, 1
l=.true.;l1=.false.;
print *, l, l1, .false.
print *, 'abc', 'def', 1, 'x', 2.0, 'y'
print *, 1, 'abc'
print *, 'abc', 1, 2, 'def', .true., 'g'
print *, (i, i=1,20)
print *, (i*1.5d0, i=1,5)
print *, (i*1.5, i=1,9)
long = 'xyz'
print *, 1, long, 2, long, long
print *
print *, ''
print *, c, c, c, c
print *, z, z
z = (1d-5, 0d0)
c = (0.5, -0.0)
print *, z, c
z = (1d17, 1d16)
print *, z
x = 0
print *, 1/x, -1/x, x/x
print *, 1d0/x, -1d0/x, dble(x)/x
print *, (.true., i=1,50)
write(*,*) 'it''s'
write(*,*) 1, ' = ', 2
end
