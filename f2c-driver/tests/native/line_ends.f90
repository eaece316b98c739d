program p
character*10 a, b
character(1) cr
integer i, j
real x
namelist /n/ i, a
cr = char(13)
open(10, file='cr.tmp')
write(10,'(2a)') 'abc', cr
write(10,'(2a)') '12 13', cr
write(10,'(2a)') '  7', cr
write(10,'(2a)') 'word other', cr
write(10,'(2a)') '"x y" 2.5', cr
write(10,'(2a)') '1.5', cr
write(10,'(2a)') '&n i=5,', cr
write(10,'(2a)') ' a="q" /', cr
write(10,'(2a)') 'a', cr
write(10,'(2a)') '', cr
write(10,'(2a)') 'last', cr
rewind 10
read(10,'(a)') a; print *, '[', a, ']', len_trim(a)
read(10,*) i, j; print *, i, j
read(10,'(i5)') i; print *, i
read(10,*) a, b; print *, '[', a, '][', b, ']'
read(10,*) a, x; print *, '[', a, ']', x
read(10,'(f8.2)') x; print *, x
read(10,n); print *, i, '[', a, ']'
read(10,'(a1,a)') a, b; print *, '[', a, '][', b, ']'
read(10,'(a)') a; print *, '[', a, ']'
read(10,*) a; print *, '[', a, ']'
close(10, status='delete')
end
